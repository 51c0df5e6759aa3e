package io.tubelet.video.motion;

import java.util.Locale;

/** What moves. The order is that of the label indices. */
public enum MotionClass {
  /** Nothing. */
  STATIC,
  /** Towards smaller columns. */
  LEFT,
  /** Towards larger columns. */
  RIGHT,
  /** Towards smaller rows. */
  UP,
  /** Towards larger rows. */
  DOWN,
  /** As the hands of a clock. */
  ROTATE_CW,
  /** Against the hands of a clock. */
  ROTATE_CCW,
  /** Larger, then small again at once. */
  GROW,
  /** Smaller, then large again at once. */
  SHRINK,
  /** To and fro along a row. */
  SHAKE;

  /** Name of the class's folder. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The class of the same clip run backwards. */
  public MotionClass reversed() {
    return switch (this) {
      case STATIC -> STATIC;
      case LEFT -> RIGHT;
      case RIGHT -> LEFT;
      case UP -> DOWN;
      case DOWN -> UP;
      case ROTATE_CW -> ROTATE_CCW;
      case ROTATE_CCW -> ROTATE_CW;
      case GROW -> SHRINK;
      case SHRINK -> GROW;
      case SHAKE -> SHAKE;
    };
  }
}
