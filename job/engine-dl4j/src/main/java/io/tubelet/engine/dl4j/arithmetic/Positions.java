package io.tubelet.engine.dl4j.arithmetic;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Adds rows of a table of positions, chosen by token index. */
public final class Positions {
  private Positions() {}

  /**
   * {@code y[b, n] = x[b, n] + table[order[b, n]]}.
   *
   * @param x {@code [batch, count, dim]}
   * @param order token indices, int32 {@code [batch, tokens]}; the first {@code count} of each clip
   *     are used
   * @param table {@code [tokens, dim]}, row-major
   * @param y {@code [batch, count, dim]}
   * @throws IllegalArgumentException if there are fewer indices than rows, or an index lies outside
   *     the table
   */
  public static void add(INDArray x, INDArray order, float[] table, INDArray y) {
    int count = Math.toIntExact(x.size(1));
    int dim = Math.toIntExact(x.size(2));
    int tokens = Math.toIntExact(order.size(1));
    if (order.size(0) != x.size(0) || tokens < count) {
      throw new IllegalArgumentException(
          "%s token indices for tokens %s"
              .formatted(Arrays.toString(order.shape()), Arrays.toString(x.shape())));
    }
    Values in = Values.of(x);
    Values out = Values.of(y);
    int[] indices = Values.integers(order);
    double[] row = new double[dim];
    for (int at = 0; at < x.size(0) * count; at++) {
      int index = indices[at / count * tokens + at % count];
      if (index < 0 || (index + 1) * dim > table.length) {
        throw new IllegalArgumentException(
            "token index %d, the clip has %d tokens".formatted(index, table.length / dim));
      }
      in.read((long) at * dim, row, dim);
      for (int i = 0; i < dim; i++) {
        row[i] += table[index * dim + i];
      }
      out.write((long) at * dim, row, dim);
    }
  }
}
