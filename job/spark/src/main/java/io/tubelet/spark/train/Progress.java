package io.tubelet.spark.train;

import java.io.Serializable;

/**
 * How far a training is: what {@code state.json} holds next to the tensors' digests.
 *
 * @param settings digest of all that decides the weights; a run resumes with the same only
 * @param extra whether the checkpoint was written out of turn, since the process was asked to stop
 */
public record Progress(
    String settings, long round, long step, boolean finished, NonFinite trouble, boolean extra)
    implements Serializable {

  /** A file of an older version says nothing of trouble. */
  public Progress {
    trouble = trouble == null ? NonFinite.NONE : trouble;
  }

  public Progress(String settings, long round, long step, boolean finished) {
    this(settings, round, step, finished, NonFinite.NONE, false);
  }

  /**
   * Non-finite steps and rollbacks so far; part of the training's state, so that it resumes from a
   * checkpoint as if it had not stopped.
   *
   * @param streak steps skipped in the rounds since the last one without any
   * @param rollbacks how often it went back to a checkpoint, each time to lower rates
   */
  public record NonFinite(int streak, int rollbacks) implements Serializable {
    static final NonFinite NONE = new NonFinite(0, 0);

    /** Most steps that a streak of rounds may skip before the training goes back. */
    private static final int MOST_STEPS = 5;

    private static final double RATE_FACTOR = 0.5;

    /** One more, and the training stops. */
    private static final int MOST_ROLLBACKS = 2;

    NonFinite after(int skipped) {
      return new NonFinite(skipped == 0 ? 0 : streak + skipped, rollbacks);
    }

    boolean mustGoBack() {
      return streak > MOST_STEPS;
    }

    boolean canGoBack() {
      return rollbacks < MOST_ROLLBACKS;
    }

    NonFinite rolledBack() {
      return new NonFinite(0, rollbacks + 1);
    }

    /** What the schedule's rates are multiplied by. */
    double rateFactor() {
      return Math.pow(RATE_FACTOR, rollbacks);
    }
  }
}
