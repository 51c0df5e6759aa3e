package io.tubelet.spark.train;

import io.tubelet.spark.data.Quarantined;
import io.tubelet.train.RoundMetrics;
import java.io.Serializable;
import java.util.List;

/**
 * What one round reports.
 *
 * @param loss mean over all steps that replicas took; not a number if they took none
 * @param gradientNorm mean over the same steps
 * @param clips samples that the round had
 * @param skipped steps that were skipped, of all replicas
 * @param refused clips that gave nothing to train on
 * @param seconds where the time went
 */
public record RoundResult(
    double loss,
    double gradientNorm,
    long clips,
    Skipped skipped,
    List<Quarantined> refused,
    RoundMetrics.Seconds seconds)
    implements Serializable {

  /** Clips per second of wall time. */
  public double clipsPerSecond() {
    return clips / seconds.total();
  }
}
