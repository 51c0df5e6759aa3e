package io.tubelet.spark.config;

import io.tubelet.engine.Placement.Precision;
import io.tubelet.model.ModelSize;
import java.io.Serializable;
import java.util.List;

/**
 * What the verb {@code bench} times: every size with every batch in every precision.
 *
 * @param sizes named sizes of networks
 * @param precisions arithmetic of the steps; none: the engine's
 * @param pretraining clips of a pretraining step
 * @param classification clips of a classification step
 * @param classes classes of the classifier
 * @param averaging rounds beside bare steps
 * @param rounds how often everything is timed
 * @param json where the figures are written; empty: nowhere
 */
public record BenchConfig(
    List<ModelSize> sizes,
    List<Precision> precisions,
    List<Integer> pretraining,
    List<Integer> classification,
    int classes,
    Averaging averaging,
    int rounds,
    String json)
    implements Serializable {

  /**
   * Rounds that are timed: a replica for each core.
   *
   * @param sizes named sizes of networks
   * @param batch clips of a step of one replica
   * @param period steps of a round
   */
  public record Averaging(List<ModelSize> sizes, int batch, int period) implements Serializable {}

  private static final String BATCH = "[1, 65536]";

  static BenchConfig read(Section bench) {
    return new BenchConfig(
        bench.choices("sizes", ModelSize.class),
        bench.choices("precisions", Precision.class),
        bench.integers("pretrain-batches", BATCH),
        bench.integers("finetune-batches", BATCH),
        bench.integer("classes", "[1, 100000]"),
        averaging(bench.section("averaging")),
        bench.integer("rounds", "[1, 1000]"),
        bench.text("json"));
  }

  private static Averaging averaging(Section averaging) {
    return new Averaging(
        averaging.choices("sizes", ModelSize.class),
        averaging.integer("batch", BATCH),
        averaging.integer("period", "[1, 100000]"));
  }
}
