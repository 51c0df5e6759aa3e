package io.tubelet.video.motion;

import java.util.Locale;

/**
 * What moves: nothing; towards smaller or larger columns or rows; with or against the hands of a
 * clock; larger and then small again at once, or the other way; to and fro along a row. The order
 * is that of the label indices.
 */
public enum MotionClass {
  STATIC,
  LEFT,
  RIGHT,
  UP,
  DOWN,
  ROTATE_CW,
  ROTATE_CCW,
  GROW,
  SHRINK,
  SHAKE;

  /** Name of the class's folder. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
