package io.tubelet.video.motion;

import java.util.random.RandomGenerator;

/**
 * How fast the camera goes in one clip. Drawn alike for every class, of which each uses one.
 *
 * @param shift of left, right, up, down: sides of the scene per frame
 * @param turn of the rotations: radians per frame
 * @param growth of zooming: of the range of scales, per frame
 * @param swing amplitude of shaking: sides of the scene
 * @param period of shaking: frames
 * @param phase of shaking: radians
 */
record Motion(double shift, double turn, double growth, double swing, double period, double phase) {

  /**
   * Where the camera is and how it is held.
   *
   * @param x column of its middle, in sides of the scene; counts modulo 1, as the row y
   * @param angle turned clockwise, in radians; counts modulo 2 π
   * @param scale place between the smallest section and the largest, on a logarithmic scale; counts
   *     modulo 1
   */
  record View(double x, double y, double angle, double scale) {
    /** Uniform in every coordinate. */
    static View drawn(RandomGenerator random) {
      return new View(
          random.nextDouble(),
          random.nextDouble(),
          2 * Math.PI * random.nextDouble(),
          random.nextDouble());
    }

    /** Moved along the picture's own rows and columns. */
    private View movedBy(double right, double down) {
      double cos = StrictMath.cos(angle);
      double sin = StrictMath.sin(angle);
      return new View(x + right * cos - down * sin, y + right * sin + down * cos, angle, scale);
    }

    /** Points of the scene from one pixel of the picture to the next: 0.7 to 1.6. */
    double step() {
      double low = StrictMath.log(0.7);
      double high = StrictMath.log(1.6);
      return StrictMath.exp(low + (high - low) * (scale - Math.floor(scale)));
    }
  }

  /** As fast as the motion set's camera, times a factor; a shake has the same period. */
  static Motion drawn(RandomGenerator random, double factor) {
    return new Motion(
        factor * between(random, 1, 3) / 256,
        factor * between(random, 0.03, 0.08),
        factor * between(random, 0.008, 0.016),
        factor * between(random, 1, 2) / 48,
        between(random, 8, 14),
        between(random, 0, 2 * Math.PI));
  }

  static double between(RandomGenerator random, double low, double high) {
    return low + (high - low) * random.nextDouble();
  }

  /** The view at frame {@code time} from {@code start}: the camera goes against the picture. */
  View at(MotionClass motion, View start, int time) {
    return switch (motion) {
      case STATIC -> start;
      case LEFT -> start.movedBy(shift * time, 0);
      case RIGHT -> start.movedBy(-shift * time, 0);
      case UP -> start.movedBy(0, shift * time);
      case DOWN -> start.movedBy(0, -shift * time);
      case ROTATE_CW -> new View(start.x, start.y, start.angle - turn * time, start.scale);
      case ROTATE_CCW -> new View(start.x, start.y, start.angle + turn * time, start.scale);
      case ZOOM_IN -> new View(start.x, start.y, start.angle, start.scale - growth * time);
      case ZOOM_OUT -> new View(start.x, start.y, start.angle, start.scale + growth * time);
      case SHAKE -> start.movedBy(swing * (wave(time) - wave(0)), 0);
    };
  }

  private double wave(int time) {
    return StrictMath.sin(2 * Math.PI * time / period + phase);
  }
}
