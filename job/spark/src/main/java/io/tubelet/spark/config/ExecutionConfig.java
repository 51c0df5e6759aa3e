package io.tubelet.spark.config;

import io.tubelet.engine.Placement.MicroBatches;
import io.tubelet.engine.Placement.Precision;
import io.tubelet.spark.config.Binder.In;
import io.tubelet.spark.config.Binder.Key;

/** Who does the arithmetic, and who averages. */
public record ExecutionConfig(EngineConfig engine, MasterConfig master) {

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
      @Key("") @In("micro-batch [0, 65536]") MicroBatches microBatches) {}

  public enum MasterKind {
    DL4J,
    ROUNDS
  }

  public record MasterConfig(
      MasterKind kind, @In("[1, 86400]") int timeoutSeconds, boolean plainNetwork) {}
}
