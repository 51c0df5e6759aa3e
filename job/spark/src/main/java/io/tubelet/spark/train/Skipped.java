package io.tubelet.spark.train;

import java.io.Serializable;
import java.util.List;

/**
 * Steps that changed nothing, since their loss or gradient was not finite.
 *
 * @param steps how many
 * @param clips the clips of the last such minibatch
 */
public record Skipped(int steps, List<String> clips) implements Serializable {
  /** No step was skipped. */
  public static final Skipped NONE = new Skipped(0, List.of());

  /** This and then another. */
  public Skipped and(Skipped next) {
    return new Skipped(steps + next.steps, next.steps > 0 ? next.clips : clips);
  }
}
