package io.tubelet.detect;

import java.io.Serializable;
import java.util.random.RandomGenerator;

/**
 * A rectangle of a frame, in shares of its width (x, to the right) and height (y, down): [0, 1]
 * from edge to edge, so that {@code x1 · width} is a position between pixels.
 */
public record Box(double x1, double y1, double x2, double y2) implements Serializable {

  /**
   * @throws IllegalArgumentException if a side is outside the frame, or the box has no area
   */
  public Box {
    if (!(0 <= x1 && x1 < x2 && x2 <= 1 && 0 <= y1 && y1 < y2 && y2 <= 1)) {
      throw new IllegalArgumentException(
          "box (%s, %s, %s, %s): wants 0 <= x1 < x2 <= 1 and 0 <= y1 < y2 <= 1"
              .formatted(x1, y1, x2, y2));
    }
  }

  /**
   * The part of a rectangle that is in the frame.
   *
   * @throws IllegalArgumentException if no part is
   */
  public static Box clip(double x1, double y1, double x2, double y2) {
    return new Box(Math.max(x1, 0), Math.max(y1, 0), Math.min(x2, 1), Math.min(y2, 1));
  }

  public double width() {
    return x2 - x1;
  }

  public double height() {
    return y2 - y1;
  }

  /** Intersection over union, in [0, 1]. */
  public double iou(Box other) {
    double across = Math.min(x2, other.x2) - Math.max(x1, other.x1);
    double down = Math.min(y2, other.y2) - Math.max(y1, other.y1);
    double both = Math.max(across, 0) * Math.max(down, 0);
    return both / (width() * height() + other.width() * other.height() - both);
  }

  /**
   * Larger by shares of its own width and height, half of them on each side, and clipped. Published
   * for boxes of a detector: 0.1 and 0.05, by which {@link #jitter} enlarges on average.
   */
  public Box enlarge(double across, double down) {
    double x = width() * across / 2;
    double y = height() * down / 2;
    return clip(x1 - x, y1 - y, x2 + x, y2 + y);
  }

  /**
   * For training: each side (left, top, right, bottom) moved by a uniform draw, and clipped. Left
   * and right move by up to 0.2 of the width away from the middle or 0.1 towards it, the others by
   * half of that, as published.
   */
  public Box jitter(RandomGenerator random) {
    return clip(
        x1 - width() * random.nextDouble(-0.1, 0.2),
        y1 - height() * random.nextDouble(-0.05, 0.1),
        x2 + width() * random.nextDouble(-0.1, 0.2),
        y2 + height() * random.nextDouble(-0.05, 0.1));
  }
}
