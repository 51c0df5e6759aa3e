package io.tubelet.spark.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.spark.config.DataConfig.Role;
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
        assertThat(fold.data().corpus(Role.TRAIN)).isEqualTo(config.data().corpus(Role.TRAIN));
        assertThat(fold.data().corpus(Role.TEST)).isEqualTo(config.data().corpus(Role.TEST));
        assertThat(fold.data().seed()).isEqualTo(config.data().seed());
        boolean otherClips = !recipe(fold).equals(recipe(config)); // of pretraining alone
        assertThat(fold.data().store().equals(config.data().store())).isNotEqualTo(otherClips);
        assertThat(trial.arm().settings()).allMatch(setting -> inForce(fold, setting));
      }
    }
  }

  private static List<Object> recipe(JobConfig config) {
    return List.of(config.data().corpora(), config.model().spec().clips(), config.data().motion());
  }

  private static boolean inForce(JobConfig config, String setting) {
    String plain = setting.replace("\"", ""); // a number may come back as text
    return config.run().changed().stream().anyMatch(it -> it.replace("\"", "").equals(plain));
  }
}
