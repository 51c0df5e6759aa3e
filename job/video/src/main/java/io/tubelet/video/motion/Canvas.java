package io.tubelet.video.motion;

import io.tubelet.clip.ClipGeometry;
import java.util.Arrays;

/**
 * A square picture on a torus: what leaves at one edge comes in at the opposite one. Shapes are
 * drawn with soft edges, so that a motion of a part of a pixel shows.
 */
final class Canvas {
  /** Lines drawn per row of pixels; along a line the coverage is exact. */
  private static final int LINES = 4;

  private final int side;
  private final int[] values;

  /**
   * A canvas with something on it.
   *
   * @param values RGB {@code [side, side, channel]}, [0, 255], drawn over
   */
  Canvas(int side, int[] values) {
    this.side = side;
    this.values = values;
  }

  /** Fills a polygon in pixels; it may lie anywhere and must be smaller than the canvas. */
  void fill(Shape shape) {
    int top = (int) Math.floor(Arrays.stream(shape.y()).min().orElseThrow());
    int bottom = (int) Math.floor(Arrays.stream(shape.y()).max().orElseThrow());
    int left = (int) Math.floor(Arrays.stream(shape.x()).min().orElseThrow());
    int right = (int) Math.floor(Arrays.stream(shape.x()).max().orElseThrow());
    double[] cover = new double[right - left + 1];
    for (int row = top; row <= bottom; row++) {
      Arrays.fill(cover, 0);
      for (int line = 0; line < LINES; line++) {
        cover(crossings(shape, row + (line + 0.5) / LINES), left, cover);
      }
      blend(row, left, cover, shape.colour());
    }
  }

  /** Columns at which a line at height {@code y} enters and leaves the polygon, in order. */
  private static double[] crossings(Shape shape, double y) {
    double[] columns = new double[shape.x().length];
    int count = 0;
    int last = columns.length - 1;
    for (int next = 0; next < columns.length; last = next++) {
      double from = shape.y()[last];
      double to = shape.y()[next];
      if ((from <= y) != (to <= y)) {
        double share = (y - from) / (to - from);
        columns[count++] = shape.x()[last] + share * (shape.x()[next] - shape.x()[last]);
      }
    }
    Arrays.sort(columns, 0, count);
    return Arrays.copyOf(columns, count);
  }

  private static void cover(double[] crossings, int left, double[] cover) {
    for (int i = 0; i + 1 < crossings.length; i += 2) {
      double from = crossings[i] - left;
      double to = crossings[i + 1] - left;
      for (int pixel = (int) from; pixel < cover.length && pixel < to; pixel++) {
        cover[pixel] += (Math.min(to, pixel + 1) - Math.max(from, pixel)) / LINES;
      }
    }
  }

  private void blend(int row, int left, double[] cover, int[] colour) {
    int y = Math.floorMod(row, side);
    for (int i = 0; i < cover.length; i++) {
      int at = (y * side + Math.floorMod(left + i, side)) * ClipGeometry.CHANNELS;
      for (int c = 0; c < ClipGeometry.CHANNELS; c++) {
        values[at + c] += (int) Math.rint(cover[i] * (colour[c] - values[at + c]));
      }
    }
  }
}
