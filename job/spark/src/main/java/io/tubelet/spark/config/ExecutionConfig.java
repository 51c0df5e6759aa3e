package io.tubelet.spark.config;

import io.tubelet.engine.Placement.MicroBatches;
import io.tubelet.engine.Placement.Precision;
import java.io.Serializable;
import java.util.List;

/**
 * Who does the arithmetic, and who averages.
 *
 * @param engine the engine of a replica
 * @param master the training master
 */
public record ExecutionConfig(EngineConfig engine, MasterConfig master) implements Serializable {

  /** Which devices an engine may use. */
  public enum DeviceChoice {
    /** A card that the task was given, else the processor. */
    AUTO,
    /** The processor. */
    CPU,
    /** A card; none is an error. */
    CUDA
  }

  /**
   * The engine of a replica.
   *
   * @param name as {@link io.tubelet.engine.EngineProvider#find} takes it
   * @param precision arithmetic of matrix products
   * @param threads processor threads of a replica; 0: the cores of its task
   * @param device which devices it may use
   * @param passes how a step uses memory
   */
  public record EngineConfig(
      String name, Precision precision, int threads, DeviceChoice device, MicroBatches passes)
      implements Serializable {}

  /** Who averages. */
  public enum MasterKind {
    /** DL4J's ParameterAveragingTrainingMaster. */
    DL4J,
    /** Any engine, folded in replica order. */
    ROUNDS
  }

  /**
   * The training master.
   *
   * @param kind who averages
   * @param aggregationDepth depth of the tree in which replicas are summed
   * @param lease how a run is kept to one process
   */
  public record MasterConfig(MasterKind kind, int aggregationDepth, LeaseConfig lease)
      implements Serializable {}

  /**
   * How a run is kept to one process.
   *
   * @param waitSeconds how long to wait for another process that writes the run
   * @param beatSeconds time between two signs of life
   * @param staleSeconds how long without one before a process is taken for dead
   * @param settleSeconds how long a write may take to be seen by everyone
   */
  public record LeaseConfig(
      double waitSeconds, double beatSeconds, double staleSeconds, double settleSeconds)
      implements Serializable {}

  static ExecutionConfig read(Section root) {
    Section engine = root.section("engine");
    Section master = root.section("master");
    ExecutionConfig config =
        new ExecutionConfig(
            new EngineConfig(
                engine.oneOf("name", List.of("auto", "nd4j", "torch")),
                engine.choice("precision", Precision.class),
                engine.integer("threads", "[0, 1024]"),
                engine.choice("device", DeviceChoice.class),
                new MicroBatches(
                    engine.integer("micro-batch", "[0, 65536]"), engine.flag("recompute"))),
            new MasterConfig(
                master.choice("kind", MasterKind.class),
                master.integer("aggregation-depth", "[1, 10]"),
                lease(master.section("lease"))));
    root.require(
        config.master.kind == MasterKind.ROUNDS || !config.engine.name.equals("torch"),
        "master.kind = dl4j trains with the engine nd4j only",
        "master.kind",
        "engine.name");
    root.require(
        config.master.kind == MasterKind.ROUNDS || unclipped(root),
        "master.kind = dl4j clips no gradients; optimizer.clip-norm needs master.kind = rounds",
        "master.kind",
        "pretrain.optimizer.clip-norm",
        "finetune.optimizer.clip-norm");
    return config;
  }

  private static LeaseConfig lease(Section lease) {
    double beat = lease.number("beat-seconds", "[0.01, 3600]");
    double stale = lease.number("stale-seconds", "[0.01, 86400]");
    lease.require(
        stale >= 2 * beat,
        "stale-seconds %s are less than two beat-seconds of %s".formatted(stale, beat),
        "stale-seconds",
        "beat-seconds");
    return new LeaseConfig(
        lease.number("wait-seconds", "[0, 1000000]"),
        beat,
        stale,
        lease.number("settle-seconds", "[0, 60]"));
  }

  private static boolean unclipped(Section root) {
    return root.number("pretrain.optimizer.clip-norm", TrainingConfig.CLIP) == 0
        && root.number("finetune.optimizer.clip-norm", TrainingConfig.CLIP) == 0;
  }
}
