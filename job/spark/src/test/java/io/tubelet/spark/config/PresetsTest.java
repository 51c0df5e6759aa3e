package io.tubelet.spark.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.augment.Augmentation;
import io.tubelet.augment.Flip;
import io.tubelet.engine.Placement.MicroBatches;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.ParameterLayout;
import io.tubelet.spark.config.DataConfig.Role;
import io.tubelet.spark.config.DataConfig.Sampling;
import io.tubelet.train.AveragingRule;
import io.tubelet.train.DropPath;
import io.tubelet.train.Optimizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The published recipes, row by row. */
class PresetsTest {
  private static final Path FOLDER = Path.of("../../conf/presets");

  private static JobConfig load(String name, String... overrides) {
    List<String> all =
        Stream.concat(
                Stream.of("data.pretrain.source=a", "data.train.source=b", "data.test.source=c"),
                Stream.of(overrides))
            .toList();
    return JobConfig.load(FOLDER.resolve(name + ".conf").toString(), all, new Configuration(false));
  }

  @ParameterizedTest
  @CsvSource({
    "k400-s-1600,   1600, 32, 32, 1.5e-4, 0.9,  4, 4,  24029376",
    "k400-b-800,    800,  64, 32, 1.5e-4, 0.9,  4, 4,  94210944",
    "k400-b-1600,   1600, 64, 32, 1.5e-4, 0.9,  4, 4,  94210944",
    "k400-l-1600,   1600, 64, 8,  1.5e-4, 0.9,  4, 12, 342996992",
    "k400-h-1600,   1600, 64, 16, 1.5e-4, 0.9,  4, 12, 692487296",
    "ssv2-s-2400,   2400, 64, 32, 1.5e-4, 0.9,  2, 4,  24029376",
    "ssv2-b-800,    800,  64, 32, 1.5e-4, 0.9,  2, 4,  94210944",
    "ssv2-b-2400,   2400, 64, 32, 1.5e-4, 0.9,  2, 4,  94210944",
    "ssv2-l-2400,   2400, 64, 8,  1.5e-4, 0.9,  2, 12, 342996992",
    "ucf101-b-3200, 3200, 8,  24, 3e-4,   0.75, 4, 4,  94210944",
    "hmdb51-b-4800, 4800, 8,  24, 3e-4,   0.75, 2, 4,  94210944",
  })
  void pretrains(
      String name,
      int epochs,
      int gpus,
      int batch,
      double rate,
      double ratio,
      int stride,
      int decoder,
      long parameters) {
    JobConfig config = load(name);
    TrainingConfig pretrain = config.pretrain();
    ModelSpec model = config.model().spec();
    assertThat(List.of(pretrain.epochs(), pretrain.replicas(), pretrain.batch()))
        .containsExactly(epochs, gpus, batch);
    assertThat(pretrain.combining().of()).isEqualTo(AveragingRule.Of.GRADIENTS);
    assertThat(pretrain.schedule())
        .isEqualTo(new TrainingConfig.Schedule(rate, TrainingConfig.RatePer.AUTO, 1e-5, 40));
    assertThat(pretrain.optimizer()).isEqualTo(new Optimizer.AdamW(0.9, 0.95, 1e-8, 0.05, 1));
    assertThat(config.model().masking().hidden(model.geometry()))
        .isEqualTo(8 * (int) (ratio * 196));
    assertThat(config.data().corpora()).extracting(DataConfig.Corpus::stride).containsOnly(stride);
    assertThat(model.pretraining().decoder().depth()).isEqualTo(decoder);
    assertThat(ParameterLayout.of(model).count()).isEqualTo(parameters);
  }

  @Test
  void detectsInWideFramesFromKinetics() {
    JobConfig config = load("ava-b");
    TrainingConfig finetune = config.finetune().training();
    ModelSpec detector = config.model().spec().detector(80);
    assertThat(detector.geometry().tokens()).isEqualTo(8 * 16 * 28);
    // as a classifier of 400, without 320 rows of 768 and a bias
    assertThat(ParameterLayout.of(detector).count()).isEqualTo(86534800 - 320 * 769);
    assertThat(finetune.replicas() * finetune.batch()).isEqualTo(128);
    assertThat(finetune.dropping()).isEqualTo(new DropPath(0.2, 0));
    assertThat(finetune.augmentation().ofWholeFrames().flips()).hasSize(1);
    assertThat(config.data().unlabelled("films").orElseThrow().stride()).isEqualTo(4);
  }

  @ParameterizedTest
  @CsvSource({
    "k400-s-1600,   12, 32, 2, 5e-4, 150, 0.75, 0.1, 0,   true,  5,  400, 22033936, 1e-6",
    "k400-b-800,    8,  64, 1, 1e-3, 100, 0.75, 0.1, 0,   true,  5,  400, 86534800, 1e-6",
    "k400-b-1600,   6,  64, 2, 5e-4, 75,  0.75, 0.1, 0,   true,  5,  400, 86534800, 1e-6",
    "k400-l-1600,   2,  64, 2, 2e-3, 35,  0.75, 0.1, 0,   true,  5,  400, 304270736, 1e-6",
    "k400-h-1600,   8,  64, 2, 1e-3, 50,  0.75, 0.2, 0.5, true,  5,  400, 632119440, 1e-5",
    "ssv2-s-2400,   12, 32, 2, 1e-3, 40,  0.7,  0.1, 0,   false, 2,  174, 21946926, 1e-6",
    "ssv2-b-800,    8,  64, 1, 5e-4, 50,  0.75, 0.1, 0,   false, 2,  174, 86361006, 1e-6",
    "ssv2-b-2400,   6,  64, 2, 5e-4, 30,  0.75, 0.1, 0,   false, 2,  174, 86361006, 1e-6",
    "ssv2-l-2400,   8,  64, 1, 5e-4, 30,  0.75, 0.2, 0.5, false, 2,  174, 304039086, 1e-6",
    "ucf101-b-3200, 16, 8,  2, 5e-4, 100, 0.7,  0.2, 0.5, true,  5,  101, 86304869, 1e-5",
    "hmdb51-b-4800, 16, 8,  1, 1e-3, 50,  0.7,  0.2, 0.5, true,  10, 51,  86266419, 1e-5",
  })
  void finetunes(
      String name,
      int batch,
      int gpus,
      int repeats,
      double rate,
      int epochs,
      double decay,
      double dropPath,
      double dropout,
      boolean flip,
      int clips,
      int classes,
      long parameters,
      double floor) {
    JobConfig config = load(name);
    TrainingConfig finetune = config.finetune().training();
    Augmentation augmentation = finetune.augmentation();
    assertThat(List.of(finetune.epochs(), finetune.replicas(), finetune.batch()))
        .containsExactly(epochs, gpus, batch);
    assertThat(finetune.schedule())
        .isEqualTo(new TrainingConfig.Schedule(rate, TrainingConfig.RatePer.STEP, floor, 5));
    assertThat(finetune.optimizer()).isEqualTo(new Optimizer.AdamW(0.9, 0.999, 1e-8, 0.05, decay));
    assertThat(List.of(finetune.dropping().path(), finetune.dropping().head()))
        .containsExactly(dropPath, dropout);
    assertThat(augmentation.repeats()).isEqualTo(repeats);
    assertThat(augmentation.flips())
        .isEqualTo(flip ? List.of(Flip.of(Flip.Axis.COLUMNS)) : List.of());
    assertThat(config.finetune().labelSmoothing()).isEqualTo(0.1);
    assertThat(List.of(config.evaluate().clips(), config.evaluate().crops()))
        .containsExactly(clips, 3);
    assertThat(config.data().corpus(Role.TEST).orElseThrow().clips()).isEqualTo(clips);
    assertThat(ParameterLayout.of(config.model().spec().classifier(classes)).count())
        .isEqualTo(parameters);
  }

  @Test
  void somethingSomethingIsFineTunedOnFramesOfTheWholeVideo() {
    for (String preset : List.of("ssv2-s-2400", "ssv2-b-800", "ssv2-b-2400", "ssv2-l-2400")) {
      DataConfig data = load(preset).data();
      assertThat(data.corpora())
          .extracting(DataConfig.Corpus::sampling)
          .containsExactly(Sampling.DENSE, Sampling.UNIFORM, Sampling.UNIFORM);
    }
    assertThat(load("k400-b-800").data().corpora())
        .extracting(DataConfig.Corpus::sampling)
        .containsOnly(Sampling.DENSE);
  }

  @Test
  void eachFileHasARowAndASource() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      List<Path> presets =
          files.filter(file -> !file.getFileName().toString().equals("published.conf")).toList();
      assertThat(presets).hasSize(12);
      for (Path preset : presets) {
        assertThat(Files.readString(preset)).contains("# Pretraining: ", "# Fine-tuning: ");
      }
    }
  }

  @Test
  void sayWhatAStepIsOnManyDevicesAndOnOne() {
    String published = load("k400-b-800").pretrain().describe(MicroBatches.WHOLE).get(0);
    assertThat(published)
        .isEqualTo("64 x 32 clips a step, highest learning rate 0.00120 (0.000150 x 2048 / 256)");
    JobConfig one =
        load("k400-b-800", "pretrain.replicas=1", "pretrain.batch=2048", "engine.micro-batch=32");
    assertThat(one.pretrain().describe(one.engine().microBatches()).get(0))
        .isEqualTo(
            "1 x 2048 clips a step in micro-batches of 32, highest learning rate 0.00120 (0.000150"
                + " x 2048 / 256)");
  }
}
