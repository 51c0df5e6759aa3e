package io.tubelet.engine;

import java.io.Serializable;

/**
 * What one step reports.
 *
 * @param loss mean loss over the batch, before the update
 * @param gradientNorm Euclidean norm of the whole gradient
 * @param learningRate rate of the step
 */
public record StepResult(double loss, double gradientNorm, double learningRate)
    implements Serializable {
  /** Whether loss and gradient are finite numbers. */
  public boolean finite() {
    return Double.isFinite(loss) && Double.isFinite(gradientNorm);
  }
}
