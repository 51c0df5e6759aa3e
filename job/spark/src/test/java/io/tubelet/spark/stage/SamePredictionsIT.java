package io.tubelet.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.spark.AwkwardFiles;
import io.tubelet.spark.LocalSpark;
import io.tubelet.spark.config.JobConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** 258 videos of people, a film of half an hour and a file that is none, on executors. */
class SamePredictionsIT {
  private static final int VIDEOS = 258;

  /** Of ten seconds each: of the videos, most of which are shorter, and of the film. */
  private static final int WINDOWS = 292 + 180;

  @TempDir private static Path folder;
  private static Map<String, String> one;

  @BeforeAll
  static void predictOnOneExecutor() throws Exception {
    Path people = AwkwardFiles.folder().resolveSibling("ucf101_partial");
    List<String> list = new ArrayList<>(List.of("path"));
    Files.readAllLines(people.resolve("labels.csv")).stream()
        .skip(1)
        .forEach(line -> list.add(people + "/" + line.substring(0, line.indexOf(','))));
    assertThat(list).hasSize(1 + VIDEOS);
    list.add(AwkwardFiles.folder() + "/m21_long_30min_54000frames_64x64.mp4");
    list.add(Files.writeString(folder.resolve("broken.mp4"), "no video").toString());
    Files.write(folder.resolve("list.csv"), list);
    Parameters weights = Parameters.draw(ParameterLayout.of(PredictTest.MODEL.classifier(3)), 3);
    PredictTest.classifier(folder.resolve("run"), weights, List.of("run", "walk", "wave"));
    LocalSpark.session().stop();
    one = predict(1);
  }

  /** Digests of what is written, by the names of files. */
  private static Map<String, String> predict(int executors) throws Exception {
    Path to = folder.resolve("predictions-" + executors);
    JobConfig config =
        JobConfig.load(
            "",
            List.of(
                "run.dir=" + folder.resolve("run"),
                "predict.source=" + folder.resolve("list.csv"),
                "predict.to=" + to,
                "predict.every-seconds=10"),
            new Configuration());
    try (SparkSession spark =
        SparkSession.builder()
            .master("local-cluster[%d,1,768]".formatted(executors))
            .appName("predict")
            .config("spark.executor.memory", "768m")
            .config("spark.executor.extraClassPath", System.getProperty("java.class.path"))
            .config("spark.executorEnv.LC_ALL", "C.UTF-8")
            .config("spark.ui.enabled", false)
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.log.level", "ERROR")
            .getOrCreate()) {
      Outcome made = Stages.all().get("predict").run(config, spark);
      assertThat(made.message())
          .endsWith("%d windows of %d videos (1 quarantined)".formatted(WINDOWS, VIDEOS + 2));
    }
    return digests(to);
  }

  private static Map<String, String> digests(Path folder) throws IOException {
    TreeMap<String, String> digests = new TreeMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        digests.put(file.getFileName().toString(), DigestUtils.sha256Hex(Files.readAllBytes(file)));
      }
    }
    return digests;
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4})
  void haveTheSameBytesOnAnyNumberOfExecutors(int executors) throws Exception {
    assertThat(predict(executors)).isEqualTo(one).hasSizeGreaterThan(2);
    List<String> rows =
        Files.readAllLines(folder.resolve("predictions-" + executors + "/predictions.csv"));
    assertThat(rows).hasSize(1 + 3 * WINDOWS + 1); // three classes, and the file that is none
    assertThat(rows.stream().map(row -> row.replaceFirst("(,[^,]*){6}$", "")).distinct())
        .hasSize(1 + VIDEOS + 2);
  }
}
