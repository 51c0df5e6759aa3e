package io.tubelet.video.motion;

import java.util.random.RandomGenerator;

/**
 * A polygon of one colour round the origin, within a radius of about 1.
 *
 * @param x columns of its corners {@code [corners]}
 * @param y rows of its corners {@code [corners]}
 * @param colour RGB {@code [channel]}, [0, 255]
 */
@SuppressWarnings("ArrayRecordComponent") // drawn, never compared
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

  /** A rectangle beside the origin, by which a figure's angle can be read. */
  static Shape mark(RandomGenerator random, int[] colour) {
    double near = Motion.between(random, 0.15, 0.25);
    double far = near + Motion.between(random, 0.4, 0.5);
    double half = Motion.between(random, 0.2, 0.3);
    return new Shape(
        new double[] {near, far, far, near}, new double[] {-half, -half, half, half}, colour);
  }

  /** The shape as it lies on a canvas of so many pixels a side. */
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
