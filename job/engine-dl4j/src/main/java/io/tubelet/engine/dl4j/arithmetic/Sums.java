package io.tubelet.engine.dl4j.arithmetic;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Sums in double. Four running sums break the chain of dependent additions; their order is fixed.
 */
public final class Sums {
  private Sums() {}

  /** Sum of {@code values[from … to)}. */
  static double of(double[] values, int from, int to) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int i = from;
    for (; i + 3 < to; i += 4) {
      a += values[i];
      b += values[i + 1];
      c += values[i + 2];
      d += values[i + 3];
    }
    for (; i < to; i++) {
      a += values[i];
    }
    return (a + b) + (c + d);
  }

  /** Sum of {@code x·y} over {@code [from, to)}. */
  static double ofProducts(double[] x, double[] y, int from, int to) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int i = from;
    for (; i + 3 < to; i += 4) {
      a += x[i] * y[i];
      b += x[i + 1] * y[i + 1];
      c += x[i + 2] * y[i + 2];
      d += x[i + 3] * y[i + 3];
    }
    for (; i < to; i++) {
      a += x[i] * y[i];
    }
    return (a + b) + (c + d);
  }

  /** Sum over rows: {@code [rows, columns]} → {@code [columns]}, written to {@code to}. */
  public static void overRows(INDArray matrix, INDArray to) {
    Values in = Values.of(matrix);
    int columns = Math.toIntExact(to.length());
    double[] sum = new double[columns];
    double[] row = new double[columns];
    for (long at = 0; at < in.length(); at += columns) {
      in.read(at, row, columns);
      add(row, sum);
    }
    Values.of(to).write(0, sum, columns);
  }

  /** {@code sum ← sum + row}. */
  static void add(double[] row, double[] sum) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += row[i];
    }
  }

  /** Euclidean norm of all values. */
  public static double norm(INDArray array) {
    Values in = Values.of(array);
    double[] block = new double[Values.BLOCK];
    double squares = 0;
    for (long at = 0; at < in.length(); at += Values.BLOCK) {
      int count = (int) Math.min(Values.BLOCK, in.length() - at);
      in.read(at, block, count);
      squares += ofProducts(block, block, 0, count);
    }
    return Math.sqrt(squares);
  }
}
