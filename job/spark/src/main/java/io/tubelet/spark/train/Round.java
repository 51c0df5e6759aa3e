package io.tubelet.spark.train;

import java.io.Serializable;

/**
 * Some steps of one epoch that replicas take on their own before they are averaged.
 *
 * @param index number of the round in the run, from 0
 * @param epoch the epoch it belongs to, from 0
 * @param firstStep its first step within the epoch
 * @param steps how many steps: the averaging period, fewer at an epoch's end
 * @param globalStep its first step within the run
 */
public record Round(long index, long epoch, int firstStep, int steps, long globalStep)
    implements Serializable {
  /** Steps of the run after it. */
  long endStep() {
    return globalStep + steps;
  }
}
