package io.tubelet.engine.torch;

import java.io.Serializable;

/**
 * How this engine takes a step, beyond what every engine knows.
 *
 * @param microBatch most clips of one forward and backward pass; a larger minibatch is several
 *     passes whose gradients add up to the same step. 0: as many as fit the device well
 * @param clipNorm longest gradient; a longer one is shortened to it. 0: no clipping, as published
 * @param recompute whether blocks forget their activations and compute them again in the backward
 *     pass: a third more arithmetic for a fraction of the memory (arXiv 1604.06174)
 */
public record TorchOptions(int microBatch, double clipNorm, boolean recompute)
    implements Serializable {
  /** What the published recipes do. */
  public static final TorchOptions PUBLISHED = new TorchOptions(0, 0, false);

  /**
   * @throws IllegalArgumentException if a number is negative
   */
  public TorchOptions {
    if (microBatch < 0 || !(clipNorm >= 0)) {
      throw new IllegalArgumentException(
          "micro-batch %d and clip norm %s must not be negative".formatted(microBatch, clipNorm));
    }
  }
}
