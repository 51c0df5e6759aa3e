package io.tubelet.video.motion;

import java.util.List;
import java.util.Locale;

/**
 * How the whole picture moves: not at all; towards smaller or larger columns or rows; with or
 * against the hands of a clock; larger or smaller; to and fro along a row. The order is that of the
 * label indices.
 */
public enum MotionClass {
  STATIC,
  LEFT,
  RIGHT,
  UP,
  DOWN,
  ROTATE_CW,
  ROTATE_CCW,
  ZOOM_IN,
  ZOOM_OUT,
  SHAKE;

  /** Name of the class's folder. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The classes in turn. */
  public static MotionClass of(int index) {
    List<MotionClass> all = List.of(values());
    return all.get(index % all.size());
  }

  /** In AVA's files: from 1. */
  int id() {
    return List.of(values()).indexOf(this) + 1;
  }
}
