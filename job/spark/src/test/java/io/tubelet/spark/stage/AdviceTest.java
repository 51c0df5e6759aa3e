package io.tubelet.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.report.Advice;
import io.tubelet.report.Advice.Finding;
import io.tubelet.report.Advice.Verdict;
import io.tubelet.spark.LocalSpark;
import io.tubelet.spark.config.JobConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** Real small trainings, one as it should be and some with a planted mistake. */
@TestInstance(Lifecycle.PER_CLASS)
class AdviceTest {
  @TempDir private static Path folder;

  private JobConfig config(String run, String... overrides) throws IOException {
    Path file = folder.resolve("test.conf");
    Files.writeString(
        file,
        """
        tubelet {
          data {
            store = "%s"
            motion { folder = "%s", size = 16, frames = 12, unlabelled = 60, level = easy }
            pretrain { source = motion, stride = 1 }
            short-side = 16
          }
          model { size = tiny, geometry { frames = 4, height = 16, width = 16, tubelet = 2, patch = 4 } }
          masking.ratio = 0.75
          pretrain {
            epochs = 16, batch = 30, replicas = 1, warmup-epochs = 1, averaging.period = 1
            learning-rate = 6e-2, floor = 1e-3
          }
          training.checkpoint.every-rounds = 1000
          reconstruct.clips = 1
          report.map-clips = 20
          engine.name = nd4j
        }
        """
            .formatted(folder.resolve("store"), folder.resolve("motion")));
    List<String> all = new ArrayList<>(List.of(overrides));
    all.add("run.dir=" + folder.resolve(run));
    return JobConfig.load(file.toString(), all, new Configuration());
  }

  @BeforeAll
  void prepare() throws Exception {
    Stages.all().get("prepare").run(config("prepare"), LocalSpark.session());
  }

  private Advice advice(String run, String... overrides) throws Exception {
    JobConfig config = config(run, overrides);
    Stages.all().get("pretrain").run(config, LocalSpark.session());
    Advice advice =
        ReportStage.report(config, LocalSpark.session()).part(Advice.class).orElseThrow();
    return advice;
  }

  private static List<String> warnings(Advice advice) {
    return advice.warnings().stream()
        .map(Finding::check)
        // how long tiny rounds wait says more of this machine than of the run
        .filter(check -> !check.equals("Waiting for data"))
        .toList();
  }

  @Test
  void aRunAsItShouldBeRaisesNothing() throws Exception {
    Advice advice = advice("good");
    assertThat(warnings(advice)).isEmpty();
    assertThat(advice.findings())
        .filteredOn(finding -> finding.verdict() == Verdict.FINE)
        .extracting(Finding::check)
        .contains("Loss", "Steadiness", "Gradient norm", "Mask", "Pixel statistics", "Features");
  }

  @Test
  void aRateThatIsFarTooLowRaisesThatNothingWasLearnt() throws Exception {
    assertThat(warnings(advice("low", "pretrain.learning-rate=1e-6", "pretrain.floor=0")))
        .containsExactly("Loss");
  }

  @Test
  void aRateThatIsFarTooHighRaisesItsAdvice() throws Exception {
    assertThat(warnings(advice("high", "pretrain.learning-rate=9", "pretrain.warmup-epochs=0")))
        .contains("Steadiness");
  }

  @Test
  void anInvertedMaskRaisesItsAdvice() throws Exception {
    assertThat(warnings(advice("inverted", "masking.ratio=0.25", "pretrain.epochs=1")))
        .contains("Mask");
  }

  @Test
  void swappedPixelStatisticsRaiseTheirAdvice() throws Exception {
    Path run = folder.resolve("swapped");
    String[] once = {"pretrain.epochs=1"};
    advice("swapped", once);
    try (var files = Files.walk(run)) {
      for (Path file : files.filter(f -> f.endsWith("preprocessor_config.json")).toList()) {
        String text = Files.readString(file, StandardCharsets.UTF_8);
        Files.delete(file.resolveSibling(".preprocessor_config.json.crc"));
        Files.writeString(
            file,
            text.replace("image_mean", "x")
                .replace("image_std", "image_mean")
                .replace("\"x\"", "\"image_std\""));
      }
    }
    assertThat(warnings(advice("swapped", once))).containsExactly("Pixel statistics");
  }
}
