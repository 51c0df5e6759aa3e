package io.tubelet.model;

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
 * table.
 */
public final class PositionTable {
  private PositionTable() {}

  /** The table {@code [tokens, dim]}, row-major; computed in double, stored in float. */
  public static float[] sinusoid(int tokens, int dim) {
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
