package io.tubelet.video.motion;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.video.motion.Motion.Pose;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * A square picture on a torus: what leaves at one edge comes in at the opposite one. Shapes are
 * drawn with soft edges, so that a motion of a part of a pixel shows.
 *
 * @param values RGB {@code [side, side, channel]}, [0, 255], drawn over
 */
@SuppressWarnings("ArrayRecordComponent") // drawn on, never compared
record Canvas(int side, int[] values) {
  /** Lines drawn per row of pixels; along a line the coverage is exact. */
  private static final int LINES = 4;

  /**
   * A polygon of one colour round the origin, within a radius of about 1.
   *
   * @param x columns of its corners {@code [corners]}
   * @param y rows of its corners {@code [corners]}
   * @param colour RGB {@code [channel]}, [0, 255]
   */
  record Shape(double[] x, double[] y, int[] colour) {
    private static final int FEWEST_CORNERS = 5;
    private static final int CORNER_COUNTS = 4;

    /** Irregular, of 5 to 8 corners. */
    static Shape drawn(RandomGenerator random, int[] colour) {
      int corners = FEWEST_CORNERS + (int) (CORNER_COUNTS * random.nextDouble());
      double[] x = new double[corners];
      double[] y = new double[corners];
      for (int i = 0; i < corners; i++) {
        double angle = 2 * Math.PI * (i + Motion.between(random, -0.3, 0.3)) / corners;
        double radius = Motion.between(random, 0.5, 1);
        x[i] = radius * StrictMath.cos(angle);
        y[i] = radius * StrictMath.sin(angle);
      }
      return new Shape(x, y, colour);
    }

    /** A rectangle off the origin, by which a figure's angle can be read. */
    static Shape mark(RandomGenerator random, int[] colour) {
      double near = Motion.between(random, 0.15, 0.25);
      double far = near + Motion.between(random, 0.4, 0.5);
      double half = Motion.between(random, 0.2, 0.3);
      return new Shape(
          new double[] {near, far, far, near}, new double[] {-half, -half, half, half}, colour);
    }

    /** The shape as it lies on a canvas of {@code side} × {@code side} pixels. */
    Shape placed(Pose pose, double radius, int side) {
      double cos = StrictMath.cos(pose.angle()) * radius * side;
      double sin = StrictMath.sin(pose.angle()) * radius * side;
      double[] columns = new double[x.length];
      double[] rows = new double[x.length];
      for (int i = 0; i < x.length; i++) {
        columns[i] = pose.x() * side + cos * x[i] - sin * y[i];
        rows[i] = pose.y() * side + sin * x[i] + cos * y[i];
      }
      return new Shape(columns, rows, colour);
    }
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
