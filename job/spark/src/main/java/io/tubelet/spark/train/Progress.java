package io.tubelet.spark.train;

import java.io.Serializable;

/**
 * How far a training is: what {@code state.json} holds next to the tensors' digests.
 *
 * @param settings digest of all that decides the weights; a run resumes with the same only
 * @param round rounds taken
 * @param step steps taken
 * @param finished whether the training is complete
 * @param trouble non-finite steps and rollbacks so far
 * @param extra whether the checkpoint was written out of turn, since the process was asked to stop
 */
public record Progress(
    String settings, long round, long step, boolean finished, NonFiniteGuard trouble, boolean extra)
    implements Serializable {

  /** A file of an older version says nothing of trouble. */
  public Progress {
    trouble = trouble == null ? NonFiniteGuard.NONE : trouble;
  }

  /** Without trouble, in turn. */
  public Progress(String settings, long round, long step, boolean finished) {
    this(settings, round, step, finished, NonFiniteGuard.NONE, false);
  }
}
