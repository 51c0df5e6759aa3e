package io.tubelet.spark.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ExperimentConfigTest {

  static Stream<Path> experiments() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("../../conf/experiments"))) {
      return files.filter(file -> !file.endsWith("motion.conf")).toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("experiments")
  void everyExperimentHasSoundArmsThatShareTheirData(Path file) {
    JobConfig config = JobConfig.load(file.toString(), List.of(), new Configuration(false));
    assertThat(file).hasFileName(config.run().name() + ".conf");
    List<ExperimentConfig.Trial> trials = config.experiment().trials(config);
    assertThat(trials)
        .hasSize(config.experiment().arms().size() * config.experiment().seeds().size());
    assertThat(trials.size()).isGreaterThan(1);
    for (ExperimentConfig.Trial trial : trials) {
      assertThat(trial.folds()).hasSize(Math.max(1, config.experiment().groups().size()));
      for (JobConfig fold : trial.folds()) {
        assertThat(fold.run().seed()).isEqualTo(trial.seed());
        assertThat(fold.data().corpora()).isEqualTo(config.data().corpora());
        assertThat(fold.data().seed()).isEqualTo(config.data().seed());
        assertThat(fold.data().store()).isEqualTo(config.data().store());
        assertThat(trial.arm().settings()).allMatch(setting -> inForce(fold, setting));
      }
    }
  }

  private static boolean inForce(JobConfig config, String setting) {
    String plain = setting.replace("\"", ""); // a number may come back as text
    return config.run().changed().stream().anyMatch(it -> it.replace("\"", "").equals(plain));
  }
}
