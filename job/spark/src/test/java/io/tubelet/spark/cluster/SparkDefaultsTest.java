package io.tubelet.spark.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.spark.LocalSpark;
import java.io.IOException;
import java.io.Reader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What conf/spark-defaults.conf promises of a running application. */
class SparkDefaultsTest {
  @TempDir private Path folder;

  private SparkConf conf() throws IOException {
    Properties defaults = new Properties();
    try (Reader reader = Files.newBufferedReader(Path.of("../../conf/spark-defaults.conf"))) {
      defaults.load(reader);
    }
    SparkConf conf =
        new SparkConf()
            .setMaster("local[2]")
            .setAppName("defaults")
            .set("spark.driver.host", "127.0.0.1")
            .set("spark.driver.bindAddress", "127.0.0.1")
            .set("spark.ui.port", "0")
            .set("spark.log.level", "ERROR")
            .set("spark.eventLog.enabled", "true")
            .set("spark.eventLog.dir", folder.toUri().toString());
    defaults.stringPropertyNames().forEach(key -> conf.set(key, defaults.getProperty(key).strip()));
    return conf;
  }

  @Test
  void showPrometheusWhatReplicasDoAndRollTheEventLog() throws Exception {
    LocalSpark.session().stop();
    String name;
    try (JavaSparkContext spark = new JavaSparkContext(conf())) {
      name = spark.sc().applicationId();
      spark.parallelize(List.of(0, 1), 2).foreach(task -> ClusterPlugin.trained(20, 1, 3));
      String page = spark.sc().uiWebUrl().get() + "/metrics/prometheus";
      HttpResponse<String> answer =
          HttpClient.newBuilder()
              .followRedirects(HttpClient.Redirect.NORMAL)
              .build()
              .send(
                  HttpRequest.newBuilder(URI.create(page)).build(),
                  HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(200);
      for (String metric : List.of("clips", "dataWaitShare", "physicalBytes")) {
        assertThat(answer.body()).contains("ClusterPlugin_" + metric);
      }
      assertThat(answer.body())
          .containsPattern("tubelet\\w*ClusterPlugin_clips_Count\\S* ([4-9]\\d|\\d{3,})\\n");
    }
    try (Stream<Path> files = Files.list(folder.resolve("eventlog_v2_" + name))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .contains("appstatus_" + name, "events_1_" + name + ".zstd");
    }
  }
}
