package io.tubelet.spark.train;

import io.tubelet.spark.data.Quarantined;
import java.io.Serializable;
import java.util.List;

/**
 * What one replica says of its part of a round.
 *
 * @param replica its number
 * @param place where it was computed, as Spark takes a preferred location
 * @param taken the steps it took
 * @param skipped the steps it skipped
 * @param refused clips that gave nothing to train on
 * @param waitSeconds time it waited for data
 * @param computeSeconds time it spent in steps
 */
public record ReplicaReport(
    int replica,
    String place,
    Taken taken,
    Skipped skipped,
    List<Quarantined> refused,
    double waitSeconds,
    double computeSeconds)
    implements Serializable {

  /**
   * Sums over steps.
   *
   * @param steps how many
   * @param clips clips they used
   * @param loss sum of their losses
   * @param norm sum of their gradients' norms
   */
  public record Taken(int steps, long clips, double loss, double norm) implements Serializable {}
}
