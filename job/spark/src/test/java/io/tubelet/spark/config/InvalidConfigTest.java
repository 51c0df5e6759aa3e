package io.tubelet.spark.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.tubelet.spark.config.InvalidConfigException.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InvalidConfigTest {
  @TempDir private Path folder;

  private List<Problem> problems(String text, String... overrides) throws IOException {
    Path file = Files.writeString(folder.resolve("my.conf"), text);
    return catchThrowableOfType(
            InvalidConfigException.class,
            () -> JobConfig.load(file.toString(), List.of(overrides), new Configuration(false)))
        .problems();
  }

  private String origin(int line) {
    return folder.resolve("my.conf") + ": " + line;
  }

  @Test
  void reportsEverythingTogetherWithFileAndLine() throws IOException {
    String text =
        """
        tubelet {
          pretrain.epoch = 5
          model.size = huge
          data {
            failure-budget = 1.5
            seconds-per-file = 60s
          }
        }
        """;
    assertThat(problems(text, "masking.ratio=1"))
        .containsExactly(
            new Problem(
                "tubelet.data.failure-budget", origin(5), "expected number in [0, 1], found 1.5"),
            new Problem(
                "tubelet.data.seconds-per-file",
                origin(6),
                "expected whole number in [1, 86400], found \"60s\""),
            new Problem(
                "tubelet.masking.ratio", "command line", "expected number in (0, 1), found \"1\""),
            new Problem(
                "tubelet.model.size",
                origin(3),
                "expected one of tiny, mini, s, b, l, h, g, found \"huge\""),
            new Problem(
                "tubelet.pretrain.epoch",
                origin(2),
                "unknown key; did you mean tubelet.pretrain.epochs?"));
  }

  @ParameterizedTest
  @CsvSource({
    "run.sed, tubelet.run.seed",
    "pretrain.learningrate, tubelet.pretrain.learning-rate",
    "pretrain.lr, tubelet.pretrain.learning-rate",
    "finetune.wd, tubelet.finetune.optimizer.weight-decay",
    "model.tubelet, tubelet.model.geometry.tubelet",
  })
  void suggestsTheNearestKey(String key, String nearest) throws IOException {
    assertThat(problems("", key + "=1").get(0))
        .isEqualTo(
            new Problem(
                "tubelet." + key, "command line", "unknown key; did you mean " + nearest + "?"));
  }

  @ParameterizedTest
  @CsvSource({
    "pretrain.checkpoint.keep, is now tubelet.training.checkpoint",
    "finetune.non-finite.rollbacks, is fixed: 2",
    "data.train.columns.path, is now tubelet.data.columns",
    "data.limits.pixels-per-frame, 'is fixed: 8192 x 4320 pixels, 4 million frames, 2 GB a"
        + " process'",
    "doctor.data, is an option: doctor --data",
    "cluster.trainer.gpus, is gone: submit prepare and the training verbs apart",
  })
  void saysWhatBecameOfAKey(String key, String advice) throws IOException {
    assertThat(problems("", key + "=1"))
        .singleElement()
        .extracting(Problem::message)
        .isEqualTo(advice);
  }

  @Test
  void reportsKeysOutsideTheRoot() throws IOException {
    assertThat(problems("run { seed = 1 }"))
        .singleElement()
        .extracting(Problem::key, Problem::origin)
        .containsExactly("run", origin(1));
  }

  @Test
  void reportsTheKeyAndLineOfAGeometryThatDoesNotDivide() throws IOException {
    assertThat(problems("tubelet.model.geometry {\n  frames = 15\n}"))
        .containsExactly(
            new Problem(
                "tubelet.model.geometry.frames",
                origin(2),
                "frames = 15 is not a multiple of tubelet = 2"));
    assertThat(problems("tubelet.model.geometry.patch = 15").get(0).key())
        .isEqualTo("tubelet.model.geometry.patch");
  }

  @ParameterizedTest
  @CsvSource({
    "model.encoder.heads=5, tubelet.model.encoder.heads",
    "data.motion.size=41, tubelet.data.motion.size",
    "masking.ratio=0.001, tubelet.masking.ratio",
    "masking.decoder-ratio=0.0001, tubelet.masking.decoder-ratio",
    "pretrain.floor=1, tubelet.pretrain.floor",
    "pretrain.kind=moco, tubelet.pretrain.kind",
    "pretrain.epochs=39, tubelet.pretrain.epochs",
    "finetune.warmup-epochs=101, tubelet.finetune.warmup-epochs",
    "data.test.clips=4, tubelet.data.test.clips",
    "data.train.sampling=even, tubelet.data.train.sampling",
    "data.seed=1.5, tubelet.data.seed",
    "data.seed=99999999999999999999, tubelet.data.seed",
    "pretrain.flip=yes, tubelet.pretrain.flip",
    "run.dir=, tubelet.run.dir",
    "pretrain.optimizer.clip-norm=-2, tubelet.pretrain.optimizer.clip-norm",
    "pretrain.averaging.outer.kind=ema, tubelet.pretrain.averaging.outer.kind",
    "pretrain.averaging.wire=bf16, tubelet.pretrain.averaging.wire",
    "finetune.validation=1, tubelet.finetune.validation",
    "'finetune.augmentation.flips=[{axis=time}]', tubelet.finetune.augmentation.flips",
    "'finetune.augmentation.flips=[{axis=rows,swaps=[[a,b],[b,c]]}]',"
        + " tubelet.finetune.augmentation.flips",
    "'finetune.augmentation.flips=[{axis=rows,swap=[[a,b]]}]',"
        + " tubelet.finetune.augmentation.flips",
    "'finetune.augmentation.flips=[{axis=rows},{axis=rows}]', tubelet.finetune.flip",
    "model.loss=l2, tubelet.model.loss",
    "'evaluate.controls=[reversed]', tubelet.evaluate.controls",
    "'embed.corpora=[dev]', tubelet.embed.corpora",
    "'experiment.seeds=[-1]', tubelet.experiment.seeds",
    "experiment.judge=speed, tubelet.experiment.judge",
    "engine.micro-batch=-1, tubelet.engine.micro-batch",
    "engine.activation-checkpointing=1, tubelet.engine.activation-checkpointing",
    "'bench.sizes=[s, xl]', tubelet.bench.sizes",
    "'bench.pretrain-batches=[4, 0]', tubelet.bench.pretrain-batches",
    "bench.finetune-batches=4, tubelet.bench.finetune-batches",
    "'pretrain.optimizer.betas=[0.9]', tubelet.pretrain.optimizer.betas",
    "'pretrain.optimizer.betas=[0.9, 1]', tubelet.pretrain.optimizer.betas",
    "'pretrain.optimizer.betas=[0.9, 0.9, x]', tubelet.pretrain.optimizer.betas",
    "pretrain.optimizer=adamw, tubelet.pretrain.optimizer",
    "'run.name=[a]', tubelet.run.name",
  })
  void pinsAProblemToOneKey(String override, String key) throws IOException {
    assertThat(problems("", override)).singleElement().extracting(Problem::key).isEqualTo(key);
  }

  @Test
  void turnsOnlySquareFramesRoundTheirDiagonal() throws IOException {
    String turned = "finetune.augmentation.flips=[{axis=diagonal}]";
    assertThat(problems("", turned, "model.geometry.height=112"))
        .singleElement()
        .extracting(Problem::key)
        .isEqualTo("tubelet.finetune.augmentation.flips");
    assertThat(problems("", turned, "model.geometry.height=113")).isNotEmpty();
  }

  @Test
  void asksForTheMiddleFrameOfTubesOnly() throws IOException {
    assertThat(problems("", "model.target-frames=centre", "masking.kind=random"))
        .singleElement()
        .extracting(Problem::message)
        .asString()
        .contains("needs masking.kind = tube");
  }

  @Test
  void asksForTheFramesHalfwayOnlyWhereAStoreCanHaveThem() throws IOException {
    for (String none : List.of("data.pretrain.stride=3", "data.read=videos")) {
      assertThat(problems("", "model.target-frames=double", none))
          .singleElement()
          .extracting(Problem::message)
          .asString()
          .contains("an even data.pretrain.stride");
    }
  }

  @Test
  void choosesNoCheckpointOfADetector() throws IOException {
    for (String choice : List.of("validation=0.2", "averaging.ema=0.9")) {
      assertThat(problems("", "detect.train.source=films", "finetune." + choice))
          .extracting(Problem::message)
          .anyMatch(message -> message.endsWith("detect takes the last weights"));
    }
  }

  @Test
  void refusesWhatDl4jsMasterCannotDo() throws IOException {
    assertThat(problems("", "master.kind=dl4j", "finetune.optimizer.clip-norm=1"))
        .extracting(Problem::message)
        .anyMatch(message -> message.contains("clips no gradients"));
  }

  @Test
  void refusesWhatMocoV3CannotDo() throws IOException {
    String moco = "pretrain.kind=moco-v3";
    for (String other : List.of("engine.name=nd4j", "pretrain.averaging.outer.kind=nesterov")) {
      assertThat(problems("", moco, other))
          .singleElement()
          .extracting(Problem::message)
          .isEqualTo(
              "pretrain.kind = moco-v3 needs engine.name = torch, master.kind = rounds and"
                  + " outer.kind = average");
    }
    assertThat(problems("", moco, "pretrain.repeats=2"))
        .singleElement()
        .extracting(Problem::key, Problem::message)
        .containsExactly(
            "tubelet.pretrain.repeats",
            "kind = moco-v3 makes two samples of a clip, its views: no other repeats than 1");
  }

  @Test
  void reportsAValueThatWasTakenAway() throws IOException {
    assertThat(problems("tubelet.data.seed = null"))
        .singleElement()
        .extracting(Problem::key, Problem::message)
        .containsExactly("tubelet.data.seed", "has no value");
  }

  @Test
  void reportsTextThatIsNoHoconWithItsLine() throws IOException {
    assertThat(problems("tubelet {\n  run {\n")).singleElement().asString().contains(origin(3));
    assertThat(problems("\ntubelet.run.dir = ${nowhere}/x"))
        .singleElement()
        .asString()
        .contains(origin(2), "nowhere");
    assertThat(problems("", "=3")).singleElement().asString().contains("key=value");
    assertThat(problems("", "run..seed=3")).singleElement().asString().contains("run..seed");
  }

  @Test
  void reportsFilesThatAreNotThere() throws IOException {
    assertThat(problems("include \"base.conf\"").get(0).origin()).isEqualTo("base.conf");
    Problem missing =
        catchThrowableOfType(
                InvalidConfigException.class,
                () -> JobConfig.load("no.conf", List.of(), new Configuration(false)))
            .problems()
            .get(0);
    assertThat(missing.origin()).isEqualTo("no.conf");
  }
}
