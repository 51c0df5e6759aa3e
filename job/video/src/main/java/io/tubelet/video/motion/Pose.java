package io.tubelet.video.motion;

import java.util.random.RandomGenerator;

/**
 * Where the figure is and how it lies.
 *
 * @param x column of its centre, in sides of the canvas; counts modulo 1
 * @param y row of its centre, in sides of the canvas; counts modulo 1
 * @param angle turned clockwise, in radians; counts modulo 2 π
 * @param scale place between the smallest size and the largest, on a logarithmic scale; counts
 *     modulo 1
 */
record Pose(double x, double y, double angle, double scale) {
  private static final double SMALLEST = 0.10;
  private static final double LARGEST = 0.26;

  /** Uniform in every coordinate. */
  static Pose drawn(RandomGenerator random) {
    return new Pose(
        random.nextDouble(),
        random.nextDouble(),
        2 * Math.PI * random.nextDouble(),
        random.nextDouble());
  }

  Pose movedBy(double dx, double dy) {
    return new Pose(x + dx, y + dy, angle, scale);
  }

  /** Radius, in sides of the canvas: 0.10 to 0.26. */
  double radius() {
    double low = StrictMath.log(SMALLEST);
    double high = StrictMath.log(LARGEST);
    return StrictMath.exp(low + (high - low) * (scale - Math.floor(scale)));
  }
}
