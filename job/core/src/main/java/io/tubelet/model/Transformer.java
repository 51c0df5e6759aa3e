package io.tubelet.model;

import java.io.Serializable;

/**
 * The size of a stack of transformer blocks.
 *
 * @param dim width of a token
 * @param depth number of blocks
 * @param heads attention heads; head i owns the contiguous columns {@code i · headDim …}
 * @param mlpRatio hidden width of the MLP over {@code dim}
 */
public record Transformer(int dim, int depth, int heads, int mlpRatio) implements Serializable {
  /**
   * @throws IllegalArgumentException if a size is not positive or the heads do not divide the width
   */
  public Transformer {
    if (dim < 1 || depth < 1 || heads < 1 || mlpRatio < 1) {
      throw new IllegalArgumentException(
          "transformer sizes must be positive: dim %d, depth %d, heads %d, mlp ratio %d"
              .formatted(dim, depth, heads, mlpRatio));
    }
    if (dim % heads != 0) {
      throw new IllegalArgumentException(
          "dim %d is not a multiple of heads %d".formatted(dim, heads));
    }
  }

  /** Width of one head. */
  public int headDim() {
    return dim / heads;
  }

  /** Hidden width of the MLP. */
  public int mlpDim() {
    return dim * mlpRatio;
  }
}
