package io.tubelet.engine;

import java.io.Serializable;

/**
 * How the passes of a step use memory; changes rounding, never the function.
 *
 * @param microBatch most clips of one forward and backward pass; a larger minibatch is several
 *     passes whose gradients add up to the same step. 0: as many as fit the device well
 * @param recompute whether blocks forget their activations and compute them again in the backward
 *     pass: a third more arithmetic for a fraction of the memory (arXiv 1604.06174)
 */
public record Passes(int microBatch, boolean recompute) implements Serializable {
  /** As suits the engine, with all activations kept. */
  public static final Passes WHOLE = new Passes(0, false);

  /**
   * @throws IllegalArgumentException if the micro-batch is negative
   */
  public Passes {
    if (microBatch < 0) {
      throw new IllegalArgumentException("micro-batch %d is negative".formatted(microBatch));
    }
  }
}
