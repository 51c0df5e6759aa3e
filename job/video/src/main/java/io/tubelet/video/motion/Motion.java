package io.tubelet.video.motion;

import io.tubelet.video.motion.MotionSet.Level;
import java.util.random.RandomGenerator;

/**
 * How fast things go in one clip. Drawn alike for every class, of which each uses one.
 *
 * @param shift of left, right, up, down: sides of the canvas per frame
 * @param turn of the rotations: radians per frame
 * @param growth of growing and shrinking: of the range of sizes, per frame
 * @param swing amplitude of shaking: sides of the canvas
 * @param period of shaking: frames
 * @param phase of shaking: radians
 */
record Motion(double shift, double turn, double growth, double swing, double period, double phase) {

  /** The rates are given for a canvas of this side, in pixels. */
  static final double SIDE = 64;

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

    private Pose turnedBy(double radians) {
      return new Pose(x, y, angle + radians, scale);
    }

    private Pose grownBy(double growth) {
      return new Pose(x, y, angle, scale + growth);
    }

    /** Radius, in sides of the canvas: 0.10 to 0.26. */
    double radius() {
      double low = StrictMath.log(0.10);
      double high = StrictMath.log(0.26);
      return StrictMath.exp(low + (high - low) * (scale - Math.floor(scale)));
    }
  }

  static Motion drawn(RandomGenerator random, Level level) {
    double speed = level == Level.HARD ? 0.5 : 1;
    return new Motion(
        speed * between(random, 0.8, 2.4) / SIDE,
        speed * between(random, 0.08, 0.22),
        speed * between(random, 0.022, 0.05),
        speed * between(random, 4, 9) / SIDE,
        between(random, 8, 14),
        between(random, 0, 2 * Math.PI));
  }

  static double between(RandomGenerator random, double low, double high) {
    return low + (high - low) * random.nextDouble();
  }

  /** The pose at frame {@code time} of a figure that starts at {@code start}. */
  Pose at(MotionClass motion, Pose start, int time) {
    return switch (motion) {
      case STATIC -> start;
      case LEFT -> start.movedBy(-shift * time, 0);
      case RIGHT -> start.movedBy(shift * time, 0);
      case UP -> start.movedBy(0, -shift * time);
      case DOWN -> start.movedBy(0, shift * time);
      case ROTATE_CW -> start.turnedBy(turn * time);
      case ROTATE_CCW -> start.turnedBy(-turn * time);
      case GROW -> start.grownBy(growth * time);
      case SHRINK -> start.grownBy(-growth * time);
      case SHAKE -> start.movedBy(swing * (wave(time) - wave(0)), 0);
    };
  }

  private double wave(int time) {
    return StrictMath.sin(2 * Math.PI * time / period + phase);
  }
}
