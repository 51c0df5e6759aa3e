package io.tubelet.spark.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.tubelet.spark.LocalSpark;
import io.tubelet.train.RoundMetrics;
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
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
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

  private static String page(JavaSparkContext spark, String path) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(spark.sc().uiWebUrl().get() + path)).build();
    HttpResponse<String> answer =
        HttpClient.newBuilder()
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build()
            .send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(200);
    return answer.body();
  }

  /** Every metric that deploy/monitoring asks for is one that Spark's pages show. */
  private static void requireWatched(String pages) throws IOException {
    new ObjectMapper().readTree(Path.of("../../deploy/monitoring/dashboard.json").toFile());
    for (String file : List.of("alerts.yaml", "dashboard.json")) {
      String text = Files.readString(Path.of("../../deploy/monitoring", file));
      List<String> metrics =
          Pattern.compile("metrics_\\w+").matcher(text).results().map(MatchResult::group).toList();
      assertThat(metrics).hasSizeGreaterThan(5).allMatch(name -> pages.contains(name + "{"), file);
    }
  }

  @Test
  void showPrometheusWhatReplicasDoAndRollTheEventLog() throws Exception {
    LocalSpark.session().stop();
    String name;
    try (JavaSparkContext spark = new JavaSparkContext(conf())) {
      name = spark.sc().applicationId();
      spark.parallelize(List.of(0, 1), 2).foreach(task -> ClusterPlugin.trained(20, 1, 3));
      RoundMetrics.Seconds seconds = new RoundMetrics.Seconds(8, 2, 5, 1);
      ClusterPlugin.trained(new RoundMetrics(3, 0, 40, 0.5, 1e-3, 2, 0, 0, 0, 10, seconds, null));
      String driver = page(spark, "/metrics/prometheus");
      for (String metric : List.of("clips", "dataWaitShare", "physicalBytes")) {
        assertThat(driver).contains("ClusterPlugin_" + metric);
      }
      assertThat(driver)
          .containsPattern("tubelet\\w*ClusterPlugin_clips_Count\\S* ([4-9]\\d|\\d{3,})\\n")
          .containsPattern("ClusterPlugin_step_Value\\S* 40\\n")
          .containsPattern("ClusterPlugin_seconds_wait_Value\\S* 2.0\\n");
      requireWatched(driver + page(spark, "/metrics/executors/prometheus"));
    }
    try (Stream<Path> files = Files.list(folder.resolve("eventlog_v2_" + name))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .contains("appstatus_" + name, "events_1_" + name + ".zstd");
    }
  }
}
