package io.tubelet.spark.config;

import com.typesafe.config.Config;
import io.tubelet.augment.Reflection;
import io.tubelet.clip.FrameOrder;
import io.tubelet.spark.cluster.ResourcePlan;
import io.tubelet.spark.config.Binder.In;
import io.tubelet.spark.config.Binder.Key;
import io.tubelet.spark.config.DataConfig.Role;
import io.tubelet.spark.config.FinetuneConfig.Start;
import io.tubelet.spark.run.MlflowTarget;
import io.tubelet.spark.run.Trouble;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
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
 * @param training what both trainings share
 * @param evaluate test views
 * @param reconstruct which clips are shown
 * @param features of the frozen encoder
 * @param export weights for other programs
 * @param importFrom file or folder that {@code import} reads; empty: none
 * @param report what the report shows
 * @param execution engine and training master
 * @param bench what {@code bench} times
 * @param experiment arms to compare
 * @param cluster cores of decoding and training tasks
 * @param plan what {@code plan} plans for
 */
public record JobConfig(
    Run run,
    DataConfig data,
    @Key("") ModelConfig model,
    TrainingConfig pretrain,
    FinetuneConfig finetune,
    Training training,
    Evaluation evaluate,
    Reconstruction reconstruct,
    @Key("embed") Features features,
    Export export,
    @Key("import.from") String importFrom,
    Report report,
    @Key("") ExecutionConfig execution,
    BenchConfig bench,
    ExperimentConfig experiment,
    @In({"decode-cores [0, 1024]", "train-cores [0, 1024]"}) ResourcePlan.Wanted cluster,
    Plan plan)
    implements Serializable {

  private static final Values TYPES =
      new Values(
          Map.of(
              Start.class, FinetuneConfig.START,
              Reflection.class, AugmentationConfig.REFLECTIONS,
              ExperimentConfig.Arm.class, ExperimentConfig.ARMS));

  /**
   * The run.
   *
   * @param dir folder of events, checkpoints and report; a path or a Hadoop URI
   * @param seed of all that is random
   * @param name for people
   * @param resolved the whole configuration with the origin of each value; itself a configuration
   * @param changed {@code key=value} of every key that is not a default
   */
  public record Run(
      @In("path") String dir, long seed, String name, String resolved, List<String> changed)
      implements Serializable {}

  /**
   * What both trainings share.
   *
   * @param checkpoint how much is kept
   * @param rollbacks how often to go back to a checkpoint before it is an error
   */
  public record Training(Checkpoints checkpoint, @In("[0, 100]") int rollbacks)
      implements Serializable {
    private static final int MOST_STEPS = 5;
    private static final double RATE_FACTOR = 0.5;

    /** What to do about losses and gradients that are not finite. */
    public Trouble.Policy nonFinite() {
      return new Trouble.Policy(MOST_STEPS, RATE_FACTOR, rollbacks);
    }
  }

  /**
   * How much is kept.
   *
   * @param everyRounds rounds between two checkpoints
   * @param keep newest checkpoints that stay
   * @param graceSeconds how long the running round may take when the process is asked to stop
   */
  public record Checkpoints(
      @In("[1, 1000000]") int everyRounds,
      @In("[1, 10000]") int keep,
      @In("[0, 86400]") int graceSeconds)
      implements Serializable {}

  /**
   * Test views.
   *
   * @param clips views of a video in time
   * @param crops views of a clip in space, along its longer side
   * @param batch views classified at once
   * @param top k of the top-k accuracy next to top-1
   * @param controls frame orders that are judged too
   */
  public record Evaluation(
      @In("[1, 1000]") int clips,
      @In("[1, 10]") int crops,
      @In("[1, 65536]") int batch,
      @In("[1, 1000]") int top,
      List<FrameOrder> controls)
      implements Serializable {}

  /**
   * Clips to show as original, masked, reconstructed, attended to.
   *
   * @param clips how many
   */
  public record Reconstruction(@In("[1, 1000]") int clips) implements Serializable {}

  /**
   * Features of the frozen encoder.
   *
   * @param from name of one of this run's trainings, or the folder of a checkpoint
   * @param corpora whose clips {@code embed} encodes
   * @param pooling what is kept of a clip
   * @param to folder of the features
   */
  public record Features(
      @In("path") String from, List<Role> corpora, Pooling pooling, @In("path") String to)
      implements Serializable {}

  /** What is kept of a clip's tokens. */
  public enum Pooling {
    /** Their mean. */
    MEAN,
    /** Each of them. */
    NONE
  }

  /**
   * Weights for other programs.
   *
   * @param format for whom
   * @param from name of one of this run's trainings, or the folder of a checkpoint
   * @param to folder that is written
   */
  public record Export(Format format, @In("path") String from, @In("path") String to)
      implements Serializable {}

  /** For whom weights are written. */
  public enum Format {
    /** Hugging Face's library: safetensors and two JSON files. */
    HF,
    /** DL4J: a zip of its ModelSerializer. */
    DL4J
  }

  /**
   * What the report shows next to curves and tables.
   *
   * @param compare folders of other runs to compare with
   * @param mapClips clips of the map of features; 0: no map
   * @param mlflow a server that follows trainings
   */
  public record Report(List<String> compare, @In("[0, 2000]") int mapClips, MlflowTarget mlflow)
      implements Serializable {}

  /**
   * The cluster that the verb {@code plan} plans for.
   *
   * @param executors how many
   * @param executorCores cores of an executor
   * @param executorGpus GPUs of an executor, one replica each; 0: a replica has the cores of a task
   * @param clipsPerSecond that a replica trains on; 0: as {@link #bench} says
   * @param bench JSON file of the verb {@code bench}; empty: none
   * @param times how many times as many videos as are listed
   */
  public record Plan(
      @In("[1, 100000]") int executors,
      @In("[1, 1024]") int executorCores,
      @In("[0, 64]") int executorGpus,
      @In("[0, 1000000]") double clipsPerSecond,
      String bench,
      @In("[1, 100000000]") int times)
      implements Serializable {}

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
    Binder binder = binder(new Layers(hadoop).merge(file, overrides));
    JobConfig job = binder.bind(JobConfig.class, Layers.ROOT);
    Agreement.require(binder);
    binder.finish();
    return job;
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
}
