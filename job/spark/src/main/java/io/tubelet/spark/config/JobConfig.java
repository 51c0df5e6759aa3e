package io.tubelet.spark.config;

import com.typesafe.config.Config;
import io.tubelet.augment.Flip;
import io.tubelet.clip.ClipGeometry;
import io.tubelet.spark.cluster.ClusterSettings;
import io.tubelet.training.AveragingRule;
import io.tubelet.training.DropPath;
import io.tubelet.training.OuterStep;
import java.io.Serializable;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;

/**
 * All that a person can set, checked. Each package gets its own record of this tree; nothing passes
 * text on.
 *
 * @param run where the run lives and how it is called
 * @param data videos and the store of clips made from them
 * @param model the network and what is hidden from it
 * @param pretrain masked pretraining
 * @param finetune supervised training of the encoder
 * @param evaluate test views, and which clips to show reconstructed
 * @param features of the frozen encoder, and what is read from them
 * @param exchange weights for and from other programs
 * @param report what the report shows
 * @param execution engine and training master
 * @param bench what {@code bench} times
 * @param experiment arms to compare
 * @param cluster who decodes and who trains
 * @param doctor what {@code doctor} looks at
 * @param plan what {@code plan} plans for
 */
public record JobConfig(
    RunConfig run,
    DataConfig data,
    ModelConfig model,
    TrainingConfig pretrain,
    FinetuneConfig finetune,
    EvaluationConfig evaluate,
    FeatureConfig features,
    ExchangeConfig exchange,
    ReportConfig report,
    ExecutionConfig execution,
    BenchConfig bench,
    ExperimentConfig experiment,
    ClusterSettings cluster,
    DoctorConfig doctor,
    PlanConfig plan)
    implements Serializable {

  /**
   * The run.
   *
   * @param dir folder of events, checkpoints and report; a path or a Hadoop URI
   * @param seed of all that is random
   * @param name for people
   * @param resolved the whole configuration with the origin of each value; itself a configuration
   * @param changed {@code key=value} of every key that is not a default
   */
  public record RunConfig(String dir, long seed, String name, String resolved, List<String> changed)
      implements Serializable {

    private static RunConfig read(Section run, Reading reading) {
      return new RunConfig(
          run.path("dir"), run.seed("seed"), run.text("name"), reading.render(), reading.changed());
    }
  }

  /**
   * Reads and checks a configuration.
   *
   * @param file a local path or a Hadoop URI; empty for the defaults alone
   * @param overrides {@code key=value}, the key with or without {@code tubelet.}; they beat the
   *     file
   * @param hadoop for opening the file
   * @throws InvalidConfigException with everything that is wrong
   */
  public static JobConfig load(String file, List<String> overrides, Configuration hadoop) {
    return of(new Layers(hadoop).merge(file, overrides));
  }

  /**
   * This configuration with other settings, of which the experiment is no part. What {@code
   * reference.conf} derives from a setting follows it.
   *
   * @param settings {@code key=value}
   * @throws InvalidConfigException with everything that is wrong
   */
  public JobConfig with(List<String> settings) {
    List<String> all =
        Stream.concat(
                run.changed.stream().filter(setting -> !setting.startsWith("experiment.")),
                settings.stream())
            .toList();
    return load("", all, new Configuration(false));
  }

  private static JobConfig of(Config config) {
    Reading reading = new Reading(config);
    JobConfig job = read(reading);
    reading.finish();
    return job;
  }

  static JobConfig read(Reading reading) {
    Section root = new Section(reading, Layers.ROOT);
    JobConfig job = readAll(root, reading);
    job.requireAgreement(root);
    return job;
  }

  private static boolean haveDiagonals(ClipGeometry geometry) {
    return geometry == null // a problem of its own
        || geometry.height() == geometry.width();
  }

  /** What no single section can know. */
  private void requireAgreement(Section root) {
    root.require(
        execution.master().kind() == ExecutionConfig.MasterKind.ROUNDS
            || data.reading() == DataConfig.Reading.STORE,
        "master.kind = dl4j trains from stores only; data.read = videos needs master.kind = rounds",
        "master.kind",
        "data.read");
    root.require(
        finetune.training().selection().heldOut() == 0
            || data.reading() == DataConfig.Reading.STORE,
        "finetune.validation is judged on the store; it needs data.read = store",
        "finetune.validation",
        "data.read");
    root.require(
        haveDiagonals(model.spec().geometry())
            || finetune.training().augmentation().reflections().stream()
                .noneMatch(reflection -> reflection.axis() == Flip.Axis.DIAGONAL),
        "only square frames can be turned round their diagonal",
        "finetune.augmentation.reflections",
        "model.geometry.height",
        "model.geometry.width");
    root.require(
        !(pretrain.combining().rule().outer() instanceof OuterStep.Ema),
        "outer.kind = ema is for fine-tuning",
        "pretrain.averaging.outer.kind");
    for (String training : List.of("pretrain", "finetune")) {
      TrainingConfig read = training.equals("pretrain") ? pretrain : finetune.training();
      root.require(
          execution.master().kind() == ExecutionConfig.MasterKind.ROUNDS
              || read.combining().rule().equals(AveragingRule.PLAIN),
          "master.kind = dl4j knows only outer.kind = average and moments = averaged",
          "master.kind",
          training + ".averaging.outer.kind",
          training + ".averaging.moments");
    }
  }

  private static JobConfig readAll(Section root, Reading reading) {
    return new JobConfig(
        RunConfig.read(root.section("run"), reading),
        DataConfig.read(root.section("data")),
        ModelConfig.read(root),
        pretraining(root.section("pretrain")),
        FinetuneConfig.read(root.section("finetune")),
        EvaluationConfig.read(root),
        FeatureConfig.read(root),
        ExchangeConfig.read(root),
        ReportConfig.read(root.section("report")),
        ExecutionConfig.read(root),
        BenchConfig.read(root.section("bench")),
        ExperimentConfig.read(root.section("experiment")),
        ClusterConfig.read(root.section("cluster")),
        DoctorConfig.read(root.section("doctor")),
        PlanConfig.read(root.section("plan")));
  }

  private static TrainingConfig pretraining(Section pretrain) {
    return TrainingConfig.read(
        pretrain,
        1,
        AugmentationConfig.pretraining(pretrain),
        DropPath.NONE,
        new TrainingConfig.Selection(0, pretrain.number("subset", "(0, 1]"), 0));
  }
}
