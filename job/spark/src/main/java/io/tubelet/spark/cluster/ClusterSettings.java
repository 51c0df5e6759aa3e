package io.tubelet.spark.cluster;

import java.io.Serializable;

/**
 * What a person decides about executors.
 *
 * @param layout who decodes and who trains
 * @param decodeCores cores of a decoding task; 0: {@code spark.task.cpus}
 * @param trainCores cores of a training task; 0: an executor's cores over its GPUs
 * @param trainer with {@link Layout#TWO_FLEETS}, an executor that trains
 */
public record ClusterSettings(Layout layout, int decodeCores, int trainCores, Trainer trainer)
    implements Serializable {

  /**
   * An executor that trains.
   *
   * @param gpus its GPUs
   * @param cores its cores
   * @param memory its heap, as Spark takes it
   */
  public record Trainer(int gpus, int cores, String memory) implements Serializable {}
}
