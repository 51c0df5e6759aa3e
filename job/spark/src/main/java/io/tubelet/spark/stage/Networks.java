package io.tubelet.spark.stage;

import io.tubelet.engine.Device;
import io.tubelet.engine.Placement;
import io.tubelet.model.ModelSpec;
import io.tubelet.spark.cluster.Slots;
import io.tubelet.spark.cluster.TaskDevice;
import io.tubelet.spark.config.ExecutionConfig.EngineConfig;
import io.tubelet.spark.config.ExecutionConfig.MasterKind;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.round.EnginePool;
import io.tubelet.spark.round.Master;
import io.tubelet.training.AveragingRule;
import io.tubelet.training.LearningRate;
import io.tubelet.training.Optimizer;
import io.tubelet.training.Training;
import org.apache.spark.sql.SparkSession;

/** What the configuration says of engines and masters, in the words of those packages. */
final class Networks {
  /** Depth of the tree in which DL4J's master sums replicas. */
  private static final int AGGREGATION_DEPTH = 2;

  private Networks() {}

  /** Who averages. */
  static Master master(JobConfig config, SparkSession spark, AveragingRule rule) {
    var master = config.execution().master();
    return master.kind() == MasterKind.DL4J
        ? new Master.Dl4j(AGGREGATION_DEPTH)
        : new Master.Rounds(config.execution().engine().name(), placement(config, spark), rule);
  }

  private static Placement placement(JobConfig config, SparkSession spark) {
    EngineConfig engine = config.execution().engine();
    boolean gpus = Slots.TRAIN.haveGpus(spark.sparkContext().conf());
    return new Placement(
        device(engine, gpus), engine.precision(), engine.threads(), engine.passes());
  }

  /** For a replica in this process that owns this many cores. */
  static Placement placement(JobConfig config, int cores) {
    EngineConfig engine = config.execution().engine();
    int threads = engine.threads() == 0 ? cores : engine.threads();
    return TaskDevice.of(
        new Placement(device(engine, false), engine.precision(), threads, engine.passes()));
  }

  /** Which one it is, only the task knows. */
  private static Device device(EngineConfig engine, boolean gpus) {
    return switch (engine.device()) {
      case CPU -> Device.CPU;
      case AUTO -> gpus ? Device.TASKS_CARD : Device.CPU;
      case CUDA -> Device.TASKS_CARD;
    };
  }

  /** An engine for a network that is not trained. */
  static EnginePool.Order inference(JobConfig config, SparkSession spark, ModelSpec model) {
    Training untrained = new Training(model, new Optimizer.Sgd(), LearningRate.constant(0));
    return new EnginePool.Order(
        config.execution().engine().name(), untrained, placement(config, spark));
  }
}
