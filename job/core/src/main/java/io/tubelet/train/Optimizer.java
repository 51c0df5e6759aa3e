package io.tubelet.train;

import io.tubelet.model.ModelSpec;
import io.tubelet.model.Parameter;
import java.io.Serializable;

public sealed interface Optimizer extends Serializable {

  /**
   * AdamW (arXiv 1711.05101, algorithm 2, as PyTorch computes it):
   *
   * <pre>
   * w ← w − lr·decay·w
   * m ← β1·m + (1 − β1)·g        v ← β2·v + (1 − β2)·g²
   * w ← w − lr · (m / (1 − β1ᵗ)) / (√(v / (1 − β2ᵗ)) + ε)
   * </pre>
   *
   * @param weightDecay only for parameters that are {@link Parameter#decayed}
   * @param layerDecay factor of the learning rate per layer from the top (1: the same everywhere;
   *     0.75 in fine-tuning, arXiv 2106.08254)
   * @param clipNorm longest gradient g, as a Euclidean norm over all parameters; a longer one is
   *     shortened to it before anything else. 0: none is, as published
   */
  record AdamW(
      double beta1,
      double beta2,
      double epsilon,
      double weightDecay,
      double layerDecay,
      double clipNorm)
      implements Optimizer {
    public AdamW(
        double beta1, double beta2, double epsilon, double weightDecay, double layerDecay) {
      this(beta1, beta2, epsilon, weightDecay, layerDecay, 0);
    }
  }

  /** Plain gradient descent, {@code w ← w − lr·g}; for tests of averaging. */
  record Sgd() implements Optimizer {}

  /** Factor of the learning rate for a parameter: {@code layerDecay^(depth + 1 − layer)}. */
  default double rateFactor(ModelSpec model, Parameter parameter) {
    return this instanceof AdamW adam
        ? Math.pow(adam.layerDecay(), model.encoder().depth() + 1.0 - parameter.layer())
        : 1;
  }

  /** Factor, at most 1, of a gradient of this Euclidean norm. */
  default double clipFactor(double norm) {
    return this instanceof AdamW adam && adam.clipNorm() > 0
        ? Math.min(1, adam.clipNorm() / norm)
        : 1;
  }

  /** Weight decay of a parameter, before the learning rate. */
  default double decay(Parameter parameter) {
    return this instanceof AdamW adam && parameter.decayed() ? adam.weightDecay() : 0;
  }
}
