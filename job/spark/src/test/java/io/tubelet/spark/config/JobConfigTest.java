package io.tubelet.spark.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.augment.Augmentation;
import io.tubelet.augment.Augmentation.ColourJitter;
import io.tubelet.augment.Augmentation.RandomErasing;
import io.tubelet.augment.Crop;
import io.tubelet.augment.Flip;
import io.tubelet.augment.Flip.Axis;
import io.tubelet.augment.Mixup;
import io.tubelet.augment.RandAugment;
import io.tubelet.clip.ClipGeometry;
import io.tubelet.engine.Placement.MicroBatches;
import io.tubelet.engine.Placement.Precision;
import io.tubelet.masking.Masking.CentreSlice;
import io.tubelet.masking.Masking.FrameMasking;
import io.tubelet.masking.Masking.RunningCell;
import io.tubelet.masking.TubeMasking;
import io.tubelet.model.ModelSize;
import io.tubelet.model.Task.TargetFrames;
import io.tubelet.spark.config.DataConfig.Corpus;
import io.tubelet.spark.config.DataConfig.Role;
import io.tubelet.spark.config.DataConfig.Sampling;
import io.tubelet.spark.config.TrainingConfig.RatePer;
import io.tubelet.spark.config.TrainingConfig.Schedule;
import io.tubelet.spark.data.Corpus.Listing.Format;
import io.tubelet.spark.data.TinyStore;
import io.tubelet.train.AveragingRule;
import io.tubelet.train.LearningRate;
import io.tubelet.train.Optimizer;
import io.tubelet.train.SamplePlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JobConfigTest {
  @TempDir private Path folder;

  private static JobConfig load(String file, String... overrides) {
    return JobConfig.load(file, List.of(overrides), new Configuration(false));
  }

  private String file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text).toString();
  }

  @Test
  void defaultsAreThePublishedRecipe() {
    JobConfig config = load("");
    ClipGeometry geometry = new ClipGeometry(16, 224, 224, 2, 16);
    assertThat(config.model().spec()).isEqualTo(ModelSize.B.pretraining(geometry));
    assertThat(config.model().masking()).isEqualTo(new TubeMasking(0.9));
    assertThat(config.pretrain().epochs()).isEqualTo(800);
    assertThat(config.pretrain().schedule())
        .isEqualTo(new Schedule(1.5e-4, RatePer.AUTO, 1e-5, 40));
    assertThat(config.pretrain().optimizer())
        .isEqualTo(new Optimizer.AdamW(0.9, 0.95, 1e-8, 0.05, 1));
    assertThat(config.pretrain().augmentation()).isEqualTo(new Augmentation(new Crop.MultiScale()));
    assertThat(config.finetune().training().schedule())
        .isEqualTo(new Schedule(1e-3, RatePer.STEP, 1e-6, 5));
    assertThat(config.finetune().training().optimizer())
        .isEqualTo(new Optimizer.AdamW(0.9, 0.999, 1e-8, 0.05, 0.75));
    assertThat(config.finetune().training().augmentation())
        .isEqualTo(
            new Augmentation(
                new RandAugment(4, 7, 0.5),
                ColourJitter.NONE,
                new Crop.RandomResized(),
                List.of(),
                new RandomErasing(0.25),
                new Mixup(0.8, 1, 1, 0.5),
                1));
    assertThat(config.finetune().from()).isEqualTo("pretrain");
    assertThat(config.evaluate().clips()).isEqualTo(5);
    assertThat(config.evaluate().crops()).isEqualTo(3);
    assertThat(config.engine().precision()).isEqualTo(Precision.AUTO);
    assertThat(config.data().corpora()).isEmpty();
    assertThat(config.data().store()).isEqualTo("run/store");
  }

  @Test
  void readsWaysToTurnAClipRound() throws IOException {
    String file =
        file(
            "turned.conf",
            """
            tubelet.finetune {
              flip = true
              augmentation.flips = [
                { axis = frames, swaps = [[opening something, closing something], [up, down]] }
                { axis = rows }
              ]
            }
            """);
    assertThat(load(file).finetune().training().augmentation().flips())
        .containsExactly(
            Flip.of(Axis.COLUMNS),
            new Flip(
                Axis.FRAMES,
                Map.of(
                    "opening something", "closing something",
                    "closing something", "opening something",
                    "up", "down",
                    "down", "up")),
            Flip.of(Axis.ROWS));
  }

  @Test
  void commandLineBeatsFileBeatsDefaults() throws IOException {
    String file = file("a.conf", "tubelet { run.seed = 1, run.name = mine, pretrain.batch = 4 }");
    JobConfig config = load(file, "run.seed=2", "tubelet.pretrain.replicas=3");
    assertThat(config.run().seed()).isEqualTo(2);
    assertThat(config.run().name()).isEqualTo("mine");
    assertThat(config.pretrain().batch()).isEqualTo(4);
    assertThat(config.pretrain().replicas()).isEqualTo(3);
    assertThat(config.pretrain().epochs()).isEqualTo(800);
  }

  @Test
  void overrideMovesWhatRefersToIt() {
    JobConfig config = load("", "run.dir=s3a://bucket/a b", "evaluate.clips=7");
    assertThat(config.run().dir()).isEqualTo("s3a://bucket/a b");
    assertThat(config.data().store()).isEqualTo("s3a://bucket/a b/store");
    assertThat(config.evaluate().clips()).isEqualTo(7);
  }

  @Test
  void overrideTakesListsAndQuotedText() {
    JobConfig config = load("", "pretrain.optimizer.betas=[0.8, 0.9]", "run.name=\"a, b\"");
    assertThat(config.run().name()).isEqualTo("a, b");
    assertThat(config.pretrain().optimizer())
        .isEqualTo(new Optimizer.AdamW(0.8, 0.9, 1e-8, 0.05, 1));
  }

  @Test
  void fileMayIncludeTheOneBesideIt() throws IOException {
    file("base.conf", "tubelet { run.name = base, run.seed = 5 }");
    String file = file("a.conf", "include \"base.conf\"\ntubelet.run.name = mine");
    assertThat(load(file).run().name()).isEqualTo("mine");
    assertThat(load("file:" + file).run().seed()).isEqualTo(5);
  }

  @Test
  void sourcesStandInTheDataFolderUnlessAbsolute() {
    JobConfig config =
        load(
            "",
            "data.root=/videos",
            "data.pretrain.stride=2",
            "data.pretrain.source=p.csv",
            "data.train.source=hdfs://node/t",
            "data.train.stride=5",
            "data.test.source=motion",
            "data.format=flat");
    assertThat(config.data().corpus(Role.PRETRAIN))
        .hasValue(corpus(Role.PRETRAIN, "/videos/p.csv", Format.FLAT, 2, 1));
    assertThat(config.data().corpus(Role.TRAIN).orElseThrow().source()).isEqualTo("hdfs://node/t");
    Corpus test = config.data().corpus(Role.TEST).orElseThrow();
    assertThat(test).isEqualTo(corpus(Role.TEST, "motion", Format.AUTO, 5, 5));
    assertThat(test.synthetic()).isTrue();
    assertThat(load("", "data.test.source=motion").data().corpus(Role.TRAIN)).isEmpty();
  }

  private static Corpus corpus(Role role, String source, Format format, int stride, int clips) {
    return new Corpus(role, source, TinyStore.listing(format), stride, clips, Sampling.DENSE);
  }

  @Test
  void blocksMayDifferFromTheNamedSize() {
    JobConfig config =
        load(
            "",
            "model.size=mini",
            "model.encoder.depth=6",
            "model.decoder.dim=48",
            "model.target=raw",
            "masking.kind=frame",
            "masking.ratio=0.5");
    assertThat(config.model().spec().encoder().dim()).isEqualTo(192);
    assertThat(config.model().spec().encoder().depth()).isEqualTo(6);
    assertThat(config.model().spec().pretraining().decoder().dim()).isEqualTo(48);
    assertThat(config.model().spec().pretraining().normalisedTarget()).isFalse();
    assertThat(config.model().masking()).isEqualTo(new FrameMasking(0.5));
  }

  @Test
  void asksTheDecoderForLess() {
    TubeMasking tubes = new TubeMasking(0.9);
    assertThat(load("", "masking.decoder-ratio=0.5").model().masking())
        .isEqualTo(new RunningCell(tubes, 0.5));
    ModelConfig centre = load("", "model.target-frames=centre").model();
    assertThat(centre.masking()).isEqualTo(new CentreSlice(tubes));
    assertThat(centre.spec().pretraining().frames()).isEqualTo(TargetFrames.CENTRE);
  }

  @Test
  void scheduleCountsStepsOfThePlanAndScalesByItsBatch() {
    SamplePlan plan = new SamplePlan(0, 100, 2, 8); // 7 steps of 16 clips at most
    List<String> settings =
        new ArrayList<>(
            List.of(
                "pretrain.epochs=10",
                "pretrain.replicas=2",
                "pretrain.batch=8",
                "pretrain.learning-rate=1e-3",
                "pretrain.floor=1e-4",
                "pretrain.warmup-epochs=3"));
    assertThat(load("", settings.toArray(String[]::new)).pretrain().rates(plan))
        .isEqualTo(new LearningRate(1e-3 / 16, 1e-4 / 16, 21, 70));
    settings.add("pretrain.averaging.outer.kind=nesterov");
    TrainingConfig diloco = load("", settings.toArray(String[]::new)).pretrain();
    assertThat(diloco.rates(plan).peak()).isEqualTo(1e-3 / 32); // of a replica's 8
    assertThat(diloco.combining().rule().moments()).isEqualTo(AveragingRule.Moments.LOCAL);
    assertThat(diloco.optimizer()).isEqualTo(new Optimizer.AdamW(0.9, 0.95, 1e-8, 0.05, 1, 1));
    assertThat(diloco.describe(MicroBatches.WHOLE).get(1))
        .startsWith("a round moves up to 7.0 times what the replicas moved; WARNING: rounds of 10");
  }

  @Test
  void readsTheRestOfATraining() {
    JobConfig config =
        load(
            "",
            "pretrain.averaging.period=4",
            "pretrain.optimizer.clip-norm=1",
            "finetune.from=/else/step-9");
    assertThat(config.pretrain().period()).isEqualTo(4);
    assertThat(config.pretrain().optimizer())
        .isEqualTo(new Optimizer.AdamW(0.9, 0.95, 1e-8, 0.05, 1, 1));
    assertThat(config.finetune().from()).isEqualTo("/else/step-9");
  }

  @Test
  void resolvedTextNamesOriginsAndReadsBackTheSame() throws IOException {
    String file = file("a.conf", "tubelet {\n  run.seed = 7\n}");
    JobConfig config = load(file, "model.size=s");
    assertThat(config.run().resolved())
        .containsPattern("a.conf: 2\\s+seed=7")
        .containsPattern("# command line\\s+size=s")
        .containsPattern("# reference.conf: \\d+\\s+ratio=0.9");
    JobConfig again = load(file("again.conf", config.run().resolved()));
    assertThat(again.model()).isEqualTo(config.model());
    assertThat(again.run().seed()).isEqualTo(7);
  }

  @ParameterizedTest
  @ValueSource(strings = {"demo", "ut-interaction"})
  void presetsTrainOnPlainCrops(String name) {
    JobConfig config = load("../../conf/" + name + ".conf");
    Augmentation plain = new Augmentation(new Crop.MultiScale());
    assertThat(config.pretrain().augmentation()).isEqualTo(plain);
    Augmentation finetuning = config.finetune().training().augmentation();
    assertThat(finetuning.policy().operations()).isLessThanOrEqualTo(1);
    assertThat(finetuning.erasing()).isEqualTo(RandomErasing.NONE);
    assertThat(finetuning.mixing().mixup() + finetuning.mixing().cutmix()).isZero();
    assertThat(finetuning.crop()).isEqualTo(plain.crop());
  }
}
