package io.tubelet.spark.config;

import static java.util.Map.entry;

import com.typesafe.config.Config;
import io.tubelet.augment.Flip;
import io.tubelet.augment.Flip.Axis;
import io.tubelet.clip.FrameOrder;
import io.tubelet.engine.Placement.MicroBatches;
import io.tubelet.engine.Placement.Precision;
import io.tubelet.model.ModelSize;
import io.tubelet.spark.cluster.ResourcePlan;
import io.tubelet.spark.config.Binder.Else;
import io.tubelet.spark.config.Binder.In;
import io.tubelet.spark.config.Binder.Key;
import io.tubelet.spark.config.DataConfig.Reading;
import io.tubelet.spark.config.DataConfig.Role;
import io.tubelet.spark.config.ModelConfig.Kind;
import io.tubelet.spark.train.Mlflow;
import io.tubelet.spark.train.TrainingRun.Keeping;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;

/**
 * All that a person can set, checked. Each package gets its own record of this tree; nothing passes
 * text on, and nothing of it leaves the driver.
 */
public record JobConfig(
    Run run,
    DataConfig data,
    @Key("") ModelConfig model,
    TrainingConfig pretrain,
    Finetuning finetune,
    @Key("training.checkpoint")
        @In({"every-rounds [1, 1000000]", "keep [1, 10000]", "grace-seconds [0, 86400]"})
        Keeping checkpoint,
    Evaluation evaluate,
    Prediction predict,
    Detection detect,
    @Key("embed") Features features,
    Export export,
    @Key("import.from") String importFrom,
    @Key("report.mlflow") Mlflow.Target mlflow,
    EngineConfig engine,
    MasterConfig master,
    Bench bench,
    ExperimentConfig experiment,
    @In({"decode-cores [0, 1024]", "train-cores [0, 1024]"}) ResourcePlan.Wanted cluster,
    Plan plan) {

  private static final Values TYPES =
      new Values(
          Map.of(
              Flip.class, AugmentationConfig.FLIPS,
              ExperimentConfig.Arm.class, ExperimentConfig.ARMS));

  /**
   * The run; {@code resolved} is the whole configuration with the origin of each value, itself a
   * configuration, {@code changed} has {@code key=value} of every key that is not a default.
   */
  public record Run(
      @In("path") String dir, long seed, String name, String resolved, List<String> changed) {}

  /** Supervised training of an encoder with a classifier on top. */
  public record Finetuning(
      @Key("") TrainingConfig training,
      @In("path") String from,
      Init init,
      List<Init> compare,
      @In("[0, 1)") double labelSmoothing,
      @In("[1, 100000]") int validationEpochs) {}

  public enum Init {
    XAVIER,
    PUBLISHED
  }

  public record Evaluation(
      @In("[1, 1000]") int clips,
      @In("[1, 10]") int crops,
      @In("[1, 65536]") int batch,
      List<FrameOrder> controls,
      @In("[0, 1]") double leastTop1) {}

  public record Prediction(
      String source,
      @In("path") String from,
      @In("[0.01, 86400]") double everySeconds,
      @In("path") String to) {}

  /**
   * What AVA's files say of films; {@code labelMap} is theirs of both parts.
   *
   * @param leastScore of a box that a detector of people has found
   * @param firstSecond of a film, as the files count
   * @param framesPerSecond of a film that is a folder of frames
   */
  public record Detection(
      Films train,
      Films test,
      String labelMap,
      @In("[0, 1]") double leastScore,
      @In("[0, 1000000]") int firstSecond,
      @In("[0.01, 1000]") double framesPerSecond) {
    public boolean on() {
      return !train.source.isEmpty();
    }
  }

  /** Films, and of those that are tested the boxes that are asked about and what does not count. */
  public record Films(
      String source,
      String annotations,
      @Else("\"\"") String boxes,
      @Else("\"\"") String excluded) {}

  public record Features(@In("path") String from, List<Role> corpora) {}

  public record Export(Format format, @In("path") String from, @In("path") String to) {}

  public enum Format {
    HF,
    DL4J
  }

  /** Who does the arithmetic. */
  public record EngineConfig(
      @In("auto, nd4j, torch") String name,
      Precision precision,
      @In("[0, 1024]") int threads,
      DeviceChoice device,
      @Key("") @In("micro-batch [0, 65536]") MicroBatches microBatches) {}

  public enum DeviceChoice {
    AUTO,
    CPU,
    CUDA
  }

  /** Who averages. */
  public record MasterConfig(
      MasterKind kind, @In("[1, 86400]") int timeoutSeconds, boolean plainNetwork) {}

  public enum MasterKind {
    DL4J,
    ROUNDS
  }

  /** Every network with every batch in every precision. */
  public record Bench(
      List<ModelSize> sizes,
      List<Precision> precisions,
      @Key("pretrain-batches") @In("[1, 65536]") List<Integer> pretraining,
      @Key("finetune-batches") @In("[1, 65536]") List<Integer> classification,
      @In("[2, 1024]") List<Integer> replicas,
      @In("(0, 10000]") double gigabits,
      String json) {}

  public record Plan(
      @In("[1, 100000]") int executors,
      @In("[1, 1024]") int executorCores,
      @In("[0, 64]") int executorGpus,
      @In("[0, 1000000]") double clipsPerSecond) {}

  /**
   * Reads and checks a configuration.
   *
   * @param file a local path or a Hadoop URI; empty for the defaults alone
   * @param overrides {@code key=value}, the key with or without {@code tubelet.}; they beat the
   *     file
   * @throws InvalidConfigException with everything that is wrong
   */
  public static JobConfig load(String file, List<String> overrides, Configuration hadoop) {
    Binder binder = binder(new Layers(hadoop).merge(file, overrides));
    JobConfig job = binder.bind(JobConfig.class, Layers.ROOT);
    if (job != null) {
      job.broken().forEach(binder::problem);
    }
    binder.finish();
    return job;
  }

  /** The rules over several sections that this breaks; each names the keys to look at. */
  private Stream<String> broken() {
    boolean dl4j = master.kind == MasterKind.DL4J;
    boolean videos = data.reading() == Reading.VIDEOS;
    TrainingConfig tuned = finetune.training;
    return Stream.of(
            entry(
                dl4j && videos,
                "master.kind = dl4j trains from stores only; data.read = videos needs master.kind ="
                    + " rounds"),
            entry(
                dl4j && engine.name.equals("torch"),
                "master.kind = dl4j trains with the engine nd4j only"),
            entry(
                dl4j && (pretrain.adamW().clipNorm() > 0 || tuned.adamW().clipNorm() > 0),
                "master.kind = dl4j clips no gradients; optimizer.clip-norm needs master.kind ="
                    + " rounds"),
            entry(
                detect.on() && (dl4j || engine.name.equals("nd4j")),
                "engine nd4j detects nothing; detect needs engine.name = torch and master.kind ="
                    + " rounds"),
            entry(
                detect.on() && (tuned.selection().heldOut() > 0 || tuned.combining().ema() > 0),
                "finetune.validation and finetune.averaging.ema choose among classifiers; detect"
                    + " takes the last weights"),
            entry(
                model.kind() == Kind.MOCO_V3
                    && (dl4j || engine.name.equals("nd4j") || pretrain.nesterov()),
                "pretrain.kind = moco-v3 needs engine.name = torch, master.kind = rounds and"
                    + " outer.kind = average"),
            entry(
                dl4j && !(pretrain.averagesAsDl4j() && tuned.averagesAsDl4j()),
                "master.kind = dl4j averages parameters and moments: no other averaging.of or"
                    + " outer.kind, no ema"),
            entry(
                tuned.augmentation().flips().stream().anyMatch(f -> f.axis() == Axis.DIAGONAL)
                    && model.spec().geometry().height() != model.spec().geometry().width(),
                "only square frames can be flipped along their diagonal, by augmentation.flips"),
            entry(
                tuned.selection().heldOut() > 0 && videos,
                "finetune.validation is judged on the store; it needs data.read = store"),
            entry(
                !model.spec().clips().equals(model.spec().geometry())
                    && (videos || data.pretrain().stride() % 2 > 0),
                "target-frames = double takes the frames halfway from a store: it needs data.read ="
                    + " store and an even data.pretrain.stride"),
            entry(
                !data.heldOut().isEmpty() && videos,
                "data.held-out selects clips of a store; it needs data.read = store"),
            entry(
                evaluate.clips > data.test().clips(),
                "%d clips are asked of each test video, data.test.clips stores %d"
                    .formatted(evaluate.clips, data.test().clips())),
            entry(
                !mlflow.uri().matches("(https?://.+)?"),
                "report.mlflow.uri: a tracking server is http://HOST:PORT or https://HOST, not "
                    + mlflow.uri()))
        .filter(Map.Entry::getKey)
        .map(Map.Entry::getValue);
  }

  static Binder binder(Config config) {
    List<String> changed = Layers.changed(config);
    Map<String, Object> given =
        Map.of(
            Layers.ROOT + ".run.resolved", Layers.withOrigins(config),
            Layers.ROOT + ".run.changed", changed,
            Layers.ROOT + ".report.mlflow.settings", changed);
    return new Binder(config, TYPES, given);
  }

  /**
   * This configuration with other settings {@code key=value}, of which the experiment is no part.
   * What {@code reference.conf} derives from a setting follows it.
   */
  public JobConfig with(List<String> settings) {
    List<String> all =
        Stream.concat(
                run.changed.stream().filter(setting -> !setting.startsWith("experiment.")),
                settings.stream())
            .toList();
    return load("", all, new Configuration(false));
  }
}
