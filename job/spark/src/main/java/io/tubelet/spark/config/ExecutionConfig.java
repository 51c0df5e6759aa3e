package io.tubelet.spark.config;

import io.tubelet.engine.Placement.MicroBatches;
import io.tubelet.engine.Placement.Precision;
import io.tubelet.spark.config.Binder.In;
import io.tubelet.spark.config.Binder.Key;
import io.tubelet.spark.train.RunLease;
import java.io.Serializable;

/** Who does the arithmetic, and who averages. */
public record ExecutionConfig(EngineConfig engine, MasterConfig master) implements Serializable {

  public enum DeviceChoice {
    AUTO,
    CPU,
    CUDA
  }

  public record EngineConfig(
      @In("auto, nd4j, torch") String name,
      Precision precision,
      @In("[0, 1024]") int threads,
      DeviceChoice device,
      @Key("") @In("micro-batch [0, 65536]") MicroBatches microBatches)
      implements Serializable {}

  public enum MasterKind {
    DL4J,
    ROUNDS
  }

  public record MasterConfig(
      MasterKind kind,
      @In("[1, 86400]") int timeoutSeconds,
      boolean plainNetwork,
      @Key("lease.stale-seconds") @In("[0.1, 86400]") double staleSeconds)
      implements Serializable {
    /** Signs of life before a process is taken for dead. */
    private static final int BEATS = 6;

    /** A write has this share of that time to be seen by everyone: a second of a minute. */
    private static final int SETTLE = 60;

    /** How a run is kept to one process. */
    public RunLease.Terms lease() {
      return new RunLease.Terms(staleSeconds / BEATS, staleSeconds, staleSeconds / SETTLE);
    }
  }
}
