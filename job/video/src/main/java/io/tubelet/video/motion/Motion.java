package io.tubelet.video.motion;

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
      case ROTATE_CW -> turned(start, turn * time);
      case ROTATE_CCW -> turned(start, -turn * time);
      case GROW -> grown(start, growth * time);
      case SHRINK -> grown(start, -growth * time);
      case SHAKE -> start.movedBy(swing * (wave(time) - wave(0)), 0);
    };
  }

  private static Pose turned(Pose start, double by) {
    return new Pose(start.x(), start.y(), start.angle() + by, start.scale());
  }

  private static Pose grown(Pose start, double by) {
    return new Pose(start.x(), start.y(), start.angle(), start.scale() + by);
  }

  private double wave(int time) {
    return StrictMath.sin(2 * Math.PI * time / period + phase);
  }
}
