package io.tubelet.train;

import java.io.Serializable;

/**
 * How the replicas of a round become one network again.
 *
 * @param outer what becomes of the mean of their weights
 * @param moments what becomes of their optimiser's moments
 */
public record AveragingRule(OuterStep outer, Moments moments) implements Serializable {
  /** Weights and moments are averaged, and that is all. */
  public static final AveragingRule PLAIN =
      new AveragingRule(new OuterStep.Average(), Moments.AVERAGED);

  /** What becomes of the moments of AdamW at the end of a round. */
  public enum Moments {
    /** All replicas continue with the mean. */
    AVERAGED,
    /**
     * Each replica continues with its own, as in arXiv 2311.08105. They are part of the run's
     * state, one set a replica, so that a round is still a function of that state alone, wherever
     * its replicas are computed.
     */
    LOCAL
  }
}
