package io.tubelet.spark.config;

import io.tubelet.engine.Placement.MicroBatches;
import io.tubelet.engine.Placement.Precision;
import io.tubelet.spark.config.Binder.In;
import io.tubelet.spark.config.Binder.Key;
import io.tubelet.spark.train.RunLease;
import java.io.Serializable;

/** Who does the arithmetic, and who averages. */
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

  /** The engine of a replica. */
  public record EngineConfig(
      @In("auto, nd4j, torch") String name,
      Precision precision,
      @In("[0, 1024]") int threads,
      DeviceChoice device,
      @Key("") @In("micro-batch [0, 65536]") MicroBatches passes)
      implements Serializable {}

  /** Who averages. */
  public enum MasterKind {
    /** DL4J's ParameterAveragingTrainingMaster. */
    DL4J,
    /** Any engine, folded in replica order. */
    ROUNDS
  }

  /** The training master. */
  public record MasterConfig(
      MasterKind kind,
      @In("[1, 86400]") int timeoutSeconds,
      boolean plainNetwork,
      LeaseConfig lease)
      implements Serializable {}

  /** How a run is kept to one process. */
  public record LeaseConfig(
      @In("[0, 1000000]") double waitSeconds, @In("[0.1, 86400]") double staleSeconds)
      implements Serializable {
    /** Signs of life before a process is taken for dead. */
    private static final int BEATS = 6;

    /** A write has this share of that time to be seen by everyone: a second of a minute. */
    private static final int SETTLE = 60;

    /** With the times between. */
    public RunLease.Terms terms() {
      return new RunLease.Terms(
          waitSeconds, staleSeconds / BEATS, staleSeconds, staleSeconds / SETTLE);
    }
  }
}
