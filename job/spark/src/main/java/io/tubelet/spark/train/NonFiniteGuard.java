package io.tubelet.spark.train;

import java.io.Serializable;

/**
 * Non-finite steps and rollbacks so far; part of the training's state, so that it resumes from a
 * checkpoint as if it had not stopped.
 *
 * @param streak steps skipped in the rounds since the last one without any
 * @param rollbacks how often it went back to a checkpoint, each time to lower rates
 */
public record NonFiniteGuard(int streak, int rollbacks) implements Serializable {
  /** None. */
  public static final NonFiniteGuard NONE = new NonFiniteGuard(0, 0);

  /**
   * When to give up on a stretch of rounds, and how.
   *
   * @param mostSteps most steps that a streak of rounds may skip
   * @param rateFactor what each rollback multiplies the learning rate by
   * @param rollbacks most rollbacks; one more, and the training stops
   */
  public record Policy(int mostSteps, double rateFactor, int rollbacks) implements Serializable {}

  /** After a round that skipped {@code skipped} steps. */
  NonFiniteGuard after(int skipped) {
    return new NonFiniteGuard(skipped == 0 ? 0 : streak + skipped, rollbacks);
  }

  /** After going back. */
  NonFiniteGuard rolledBack() {
    return new NonFiniteGuard(0, rollbacks + 1);
  }

  /** What the schedule's rates are multiplied by. */
  double rateFactor(Policy policy) {
    return Math.pow(policy.rateFactor, rollbacks);
  }
}
