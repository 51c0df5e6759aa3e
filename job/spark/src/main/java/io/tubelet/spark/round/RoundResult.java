package io.tubelet.spark.round;

import java.io.Serializable;

/**
 * What one round reports.
 *
 * @param loss mean over all steps of all replicas
 * @param gradientNorm mean over all steps of all replicas
 * @param clips clips that were used
 * @param seconds where the time went
 */
public record RoundResult(double loss, double gradientNorm, long clips, Seconds seconds)
    implements Serializable {

  /**
   * Time of one round.
   *
   * @param total wall time on the driver
   * @param dataWait mean over replicas of the time spent waiting for data
   * @param compute mean over replicas of the time spent in steps
   * @param average the rest: scheduling, broadcasting, averaging
   */
  public record Seconds(double total, double dataWait, double compute, double average)
      implements Serializable {}

  /** Clips per second of wall time. */
  public double clipsPerSecond() {
    return clips / seconds.total;
  }
}
