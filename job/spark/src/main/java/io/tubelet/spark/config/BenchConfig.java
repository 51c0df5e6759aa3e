package io.tubelet.spark.config;

import io.tubelet.engine.Placement.Precision;
import io.tubelet.model.ModelSize;
import io.tubelet.spark.config.Binder.In;
import io.tubelet.spark.config.Binder.Key;
import java.io.Serializable;
import java.util.List;

/**
 * What the verb {@code bench} times: every size with every batch in every precision.
 *
 * @param sizes named sizes of networks
 * @param precisions arithmetic of the steps; none: the engine's
 * @param pretraining clips of a pretraining step
 * @param classification clips of a classification step
 * @param averaging sizes whose rounds are timed next to bare steps, a replica for each core
 * @param rounds how often everything is timed
 * @param json where the figures are written; empty: nowhere
 */
public record BenchConfig(
    List<ModelSize> sizes,
    List<Precision> precisions,
    @Key("pretrain-batches") @In("[1, 65536]") List<Integer> pretraining,
    @Key("finetune-batches") @In("[1, 65536]") List<Integer> classification,
    @Key("averaging.sizes") List<ModelSize> averaging,
    @In("[1, 1000]") int rounds,
    String json)
    implements Serializable {}
