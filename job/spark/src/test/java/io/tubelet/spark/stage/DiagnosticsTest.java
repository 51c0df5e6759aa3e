package io.tubelet.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.report.Diagnostics;
import io.tubelet.report.Diagnostics.Check;
import io.tubelet.report.Diagnostics.Verdict;
import io.tubelet.spark.LocalSpark;
import io.tubelet.spark.config.JobConfig;
import java.io.IOException;
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

/** Real small trainings, one as it should be and one with a planted mistake. */
@TestInstance(Lifecycle.PER_CLASS)
class DiagnosticsTest {
  @TempDir private static Path folder;

  private JobConfig config(String run, String... overrides) throws IOException {
    Path file = folder.resolve("test.conf");
    Files.writeString(
        file,
        """
        tubelet {
          data {
            store = "%s"
            motion { size = 16, frames = 12, unlabelled = 60 }
            pretrain { source = motion, stride = 1 }
            short-side = 16
          }
          # raw colours are learnt in a few steps, normalised ones of a moving camera are not
          model { size = tiny, target = raw, geometry { frames = 4, height = 16, width = 16, tubelet = 2, patch = 4 } }
          masking.ratio = 0.75
          pretrain {
            epochs = 16, batch = 30, replicas = 1, warmup-epochs = 1, averaging.period = 1
            learning-rate = 6e-2, floor = 1e-3
          }
          training.checkpoint.every-rounds = 1000
          engine.name = torch
        }
        """
            .formatted(folder.resolve("store")));
    List<String> all = new ArrayList<>(List.of(overrides));
    all.add("run.dir=" + folder.resolve(run));
    return JobConfig.load(file.toString(), all, new Configuration());
  }

  @BeforeAll
  void prepare() throws Exception {
    Stages.all().get("prepare").run(config("prepare"), LocalSpark.session());
  }

  private Diagnostics diagnostics(String run, String... overrides) throws Exception {
    JobConfig config = config(run, overrides);
    Stages.all().get("pretrain").run(config, LocalSpark.session());
    return ReportStage.report(new Run(config, LocalSpark.session()))
        .part(Diagnostics.class)
        .orElseThrow();
  }

  private static List<String> warnings(Diagnostics diagnostics) {
    return diagnostics.warnings().stream()
        .map(Check::name)
        // how long tiny rounds wait says more of this machine than of the run
        .filter(check -> !check.equals("Waiting for data"))
        .toList();
  }

  @Test
  void aRunAsItShouldBeRaisesNothing() throws Exception {
    Diagnostics good = diagnostics("good");
    assertThat(warnings(good)).isEmpty();
    assertThat(good.checks())
        .filteredOn(check -> check.verdict() == Verdict.FINE)
        .extracting(Check::name)
        .contains("Loss", "Finite numbers");
  }

  @Test
  void aRateThatIsFarTooLowRaisesThatNothingWasLearnt() throws Exception {
    assertThat(warnings(diagnostics("low", "pretrain.learning-rate=1e-6", "pretrain.floor=0")))
        .containsExactly("Loss");
  }
}
