package io.tubelet.spark.train;

import io.tubelet.train.SamplePlan;
import java.io.Serializable;

/**
 * A run as a list of rounds. No round crosses the end of an epoch.
 *
 * @param period most steps between two averages
 */
public record Rounds(SamplePlan plan, int epochs, int period) implements Serializable {
  /**
   * Some steps of one epoch that replicas take on their own before they are averaged.
   *
   * @param index number of the round in the run, from 0
   * @param firstStep its first step within the epoch
   * @param steps the averaging period, fewer at an epoch's end
   * @param globalStep its first step within the run
   */
  public record Round(long index, long epoch, int firstStep, int steps, long globalStep)
      implements Serializable {

    /** Steps of the run after it. */
    long endStep() {
      return globalStep + steps;
    }
  }

  public int perEpoch() {
    return (plan.stepsPerEpoch() + period - 1) / period;
  }

  public long count() {
    return (long) epochs * perEpoch();
  }

  public Round at(long index) {
    long epoch = index / perEpoch();
    int first = Math.toIntExact(index % perEpoch()) * period;
    int steps = Math.min(period, plan.stepsPerEpoch() - first);
    return new Round(index, epoch, first, steps, epoch * plan.stepsPerEpoch() + first);
  }
}
