package io.tubelet.engine.dl4j.arithmetic;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Softmax over the last axis of scaled scores, and its derivative:
 *
 * <pre>
 * p = softmax(s·scores)        dscores = s · p · (dp − Σ p·dp)
 * </pre>
 */
public final class Softmax {
  private Softmax() {}

  /** Scores {@code […, columns]} become probabilities in place. */
  public static void forward(INDArray scores, double scale) {
    Values values = Values.of(scores);
    int columns = Math.toIntExact(scores.size(-1));
    int rows = Math.max(1, Values.BLOCK / columns);
    double[] block = new double[rows * columns];
    for (long at = 0; at < values.length(); at += block.length) {
      int count = (int) Math.min(block.length, values.length() - at);
      values.read(at, block, count);
      forward(block, count, columns, scale);
      values.write(at, block, count);
    }
  }

  private static void forward(double[] block, int count, int columns, double scale) {
    for (int row = 0; row < count; row += columns) {
      double max = max(block, row, row + columns);
      for (int i = row; i < row + columns; i++) {
        block[i] = (block[i] - max) * scale;
      }
    }
    Exponential.apply(block, count);
    for (int row = 0; row < count; row += columns) {
      double factor = 1 / Sums.of(block, row, row + columns);
      for (int i = row; i < row + columns; i++) {
        block[i] *= factor;
      }
    }
  }

  private static double max(double[] values, int from, int to) {
    double max = values[from];
    for (int i = from + 1; i < to; i++) {
      if (values[i] > max) {
        max = values[i];
      }
    }
    return max;
  }

  /**
   * The derivative by the scores.
   *
   * @param probabilities {@code […, columns]}, what {@link #forward} left
   * @param gradient same shape; the derivative by the probabilities becomes that by the scores
   */
  public static void backward(INDArray probabilities, INDArray gradient, double scale) {
    Values values = Values.of(probabilities);
    Values gradients = Values.of(gradient);
    int columns = Math.toIntExact(gradient.size(-1));
    int rows = Math.max(1, Values.BLOCK / columns);
    double[] p = new double[rows * columns];
    double[] dp = new double[rows * columns];
    for (long at = 0; at < values.length(); at += p.length) {
      int count = (int) Math.min(p.length, values.length() - at);
      values.read(at, p, count);
      gradients.read(at, dp, count);
      for (int row = 0; row < count; row += columns) {
        double mean = Sums.ofProducts(p, dp, row, row + columns);
        for (int i = row; i < row + columns; i++) {
          dp[i] = scale * p[i] * (dp[i] - mean);
        }
      }
      gradients.write(at, dp, count);
    }
  }
}
