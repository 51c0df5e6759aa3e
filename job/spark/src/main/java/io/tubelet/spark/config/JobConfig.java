package io.tubelet.spark.config;

import com.typesafe.config.Config;
import java.io.Serializable;
import java.util.List;
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
 * @param exchange weights for and from other programs
 * @param execution engine and training master
 */
public record JobConfig(
    RunConfig run,
    DataConfig data,
    ModelConfig model,
    TrainingConfig pretrain,
    FinetuneConfig finetune,
    EvaluationConfig evaluate,
    ExchangeConfig exchange,
    ExecutionConfig execution)
    implements Serializable {

  /**
   * The run.
   *
   * @param dir folder of events, checkpoints and report; a path or a Hadoop URI
   * @param seed of all that is random
   * @param name for people
   * @param resolved the whole configuration with the origin of each value; itself a configuration
   */
  public record RunConfig(String dir, long seed, String name, String resolved)
      implements Serializable {

    private static RunConfig read(Section run, String resolved) {
      return new RunConfig(run.path("dir"), run.seed("seed"), run.text("name"), resolved);
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

  private static JobConfig of(Config config) {
    Reading reading = new Reading(config);
    JobConfig job = read(reading);
    reading.finish();
    return job;
  }

  static JobConfig read(Reading reading) {
    Section root = new Section(reading, Layers.ROOT);
    return new JobConfig(
        RunConfig.read(root.section("run"), reading.render()),
        DataConfig.read(root.section("data")),
        ModelConfig.read(root),
        TrainingConfig.read(root.section("pretrain"), 1),
        FinetuneConfig.read(root.section("finetune")),
        EvaluationConfig.read(root),
        ExchangeConfig.read(root),
        ExecutionConfig.read(root));
  }
}
