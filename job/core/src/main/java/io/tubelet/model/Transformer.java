package io.tubelet.model;

import java.io.Serializable;

/**
 * The size of a stack of transformer blocks.
 *
 * @param heads attention heads; head i owns the contiguous columns {@code i · headDim …}
 * @param mlpRatio hidden width of the MLP over {@code dim}; need not be whole
 */
public record Transformer(int dim, int depth, int heads, double mlpRatio) implements Serializable {
  /** Fails if a size is not positive or the heads do not divide the width. */
  public Transformer {
    if (dim < 1 || depth < 1 || heads < 1 || !(mlpRatio >= 1)) {
      throw new IllegalArgumentException(
          "transformer sizes must be positive: dim %d, depth %d, heads %d, mlp ratio %s"
              .formatted(dim, depth, heads, mlpRatio));
    }
    if (dim % heads != 0) {
      throw new IllegalArgumentException(
          "dim %d is not a multiple of heads %d".formatted(dim, heads));
    }
  }

  public int headDim() {
    return dim / heads;
  }

  public int mlpDim() {
    return (int) Math.round(dim * mlpRatio);
  }

  /**
   * Fixed sinusoid positions over the flat token index (arXiv 1706.03762, section 3.5, applied to
   * {@code n = (t · gridHeight + y) · gridWidth + x}).
   *
   * <pre>
   * angle(n, j) = n / 10000^(2·⌊j/2⌋ / dim)
   * table[n][j] = sin(angle) for even j, cos(angle) for odd j
   * </pre>
   *
   * Not a parameter: no gradient, in no checkpoint; a clip of another length just gets a longer
   * table {@code [tokens, dim]}. Computed in double, stored in float.
   */
  public static float[] positions(int tokens, int dim) {
    float[] table = new float[Math.multiplyExact(tokens, dim)];
    for (int j = 0; j < dim; j++) {
      int evenColumn = j - j % 2; // 2·⌊j/2⌋
      double period = Math.pow(10000, (double) evenColumn / dim);
      for (int n = 0; n < tokens; n++) {
        double angle = n / period;
        table[n * dim + j] = (float) (j % 2 == 0 ? Math.sin(angle) : Math.cos(angle));
      }
    }
    return table;
  }
}
