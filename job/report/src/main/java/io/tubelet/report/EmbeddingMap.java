package io.tubelet.report;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Clips as points of a plane: the two directions in which their features differ most (principal
 * components, K. Pearson, Phil. Mag. 2 (1901)).
 *
 * @param points one a clip
 * @param explained share in [0, 1] of the features' variance that the plane shows
 * @param spread variance over the clips as a share of the features' mean square: 0 if all clips
 *     have the same features
 * @param dead share in [0, 1] of the features that are the same for every clip
 */
public record EmbeddingMap(List<Spot> points, double explained, double spread, double dead)
    implements Part {
  private static final int ITERATIONS = 100;

  /** A value that differs by less than this share of the largest deviation is the same value. */
  private static final double SAME = 1e-4;

  /**
   * A clip.
   *
   * @param x along the first component
   * @param y along the second
   * @param label its class; empty if it has none
   * @param clip its id
   */
  public record Spot(double x, double y, String label, String clip) {}

  /**
   * A clip's features.
   *
   * @param clip its id
   * @param label its class; empty if it has none
   * @param values {@code [dim]}
   */
  public record Features(String clip, String label, float[] values) implements Serializable {}

  /** Copies the points. */
  public EmbeddingMap {
    points = List.copyOf(points);
  }

  @Override
  public String id() {
    return "features";
  }

  @Override
  public String title() {
    return "Features";
  }

  /** Projects features on their first two principal components. */
  public static EmbeddingMap of(List<Features> clips) {
    int dim = clips.isEmpty() ? 0 : clips.get(0).values.length;
    double[][] rows = new double[clips.size()][dim]; // [clips, dim], centred below
    for (int i = 0; i < rows.length; i++) {
      for (int d = 0; d < dim; d++) {
        rows[i][d] = clips.get(i).values[d];
      }
    }
    double square = Arrays.stream(rows).flatMapToDouble(Arrays::stream).map(v -> v * v).sum();
    double[] variances = centre(rows, dim);
    double variance = Arrays.stream(variances).sum();
    double largest = Arrays.stream(variances).max().orElse(0);
    double dead =
        Arrays.stream(variances).filter(v -> v <= SAME * SAME * largest).count()
            / (double) Math.max(1, dim);
    double[] first = component(rows, new double[dim]);
    double[] second = component(rows, first);
    List<Spot> spots = new ArrayList<>();
    double shown = 0;
    for (int i = 0; i < rows.length; i++) {
      double x = dot(rows[i], first);
      double y = dot(rows[i], second);
      shown += x * x + y * y;
      spots.add(new Spot(x, y, clips.get(i).label, clips.get(i).clip));
    }
    return new EmbeddingMap(
        spots, variance > 0 ? shown / variance : 0, square > 0 ? variance / square : 0, dead);
  }

  /** Takes the mean out of every column; sums of squares of what is left {@code [dim]}. */
  private static double[] centre(double[][] rows, int dim) {
    double[] squares = new double[dim];
    for (int d = 0; d < dim; d++) {
      double mean = 0;
      for (double[] row : rows) {
        mean += row[d] / rows.length;
      }
      for (double[] row : rows) {
        row[d] -= mean;
        squares[d] += row[d] * row[d];
      }
    }
    return squares;
  }

  /** The direction of the largest variance among those across {@code taken}; by power iteration. */
  private static double[] component(double[][] rows, double[] taken) {
    double[] direction = new double[taken.length];
    for (int d = 0; d < direction.length; d++) {
      direction[d] = Math.cos(d); // any start that is across no component
    }
    for (int i = 0; i < ITERATIONS; i++) {
      subtract(direction, taken, dot(direction, taken));
      double[] next = new double[direction.length];
      for (double[] row : rows) {
        subtract(next, row, -dot(row, direction));
      }
      double length = Math.sqrt(dot(next, next));
      if (length == 0) {
        return next;
      }
      for (int d = 0; d < next.length; d++) {
        direction[d] = next[d] / length;
      }
    }
    return direction;
  }

  private static void subtract(double[] from, double[] vector, double times) {
    for (int d = 0; d < from.length; d++) {
      from[d] -= times * vector[d];
    }
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int d = 0; d < a.length; d++) {
      sum += a[d] * b[d];
    }
    return sum;
  }
}
