package io.tubelet.spark.config;

import java.io.Serializable;

/**
 * The cluster that the verb {@code plan} plans for.
 *
 * @param executors how many
 * @param cores of an executor
 * @param gpus of an executor, one replica each; 0: a replica has the cores of a task
 * @param clipsPerSecond that a replica trains on; 0: as {@link #bench} says
 * @param bench JSON file of the verb {@code bench}; empty: none
 * @param probe videos of each corpus that are decoded to learn size and speed
 * @param times how many times as many videos as are listed
 */
public record PlanConfig(
    int executors, int cores, int gpus, double clipsPerSecond, String bench, int probe, int times)
    implements Serializable {

  static PlanConfig read(Section plan) {
    return new PlanConfig(
        plan.integer("executors", "[1, 100000]"),
        plan.integer("executor-cores", "[1, 1024]"),
        plan.integer("executor-gpus", "[0, 64]"),
        plan.number("clips-per-second", "[0, 1000000]"),
        plan.text("bench"),
        plan.integer("probe", "[1, 10000]"),
        plan.integer("times", "[1, 100000000]"));
  }
}
