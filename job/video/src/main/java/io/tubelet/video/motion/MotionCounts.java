package io.tubelet.video.motion;

import java.io.Serializable;

/**
 * How many clips a motion set has.
 *
 * @param train clips per class
 * @param test clips per class
 * @param unlabelled clips in all, their classes in turn
 */
public record MotionCounts(int train, int test, int unlabelled) implements Serializable {

  /**
   * @throws IllegalArgumentException if a number is negative
   */
  public MotionCounts {
    if (train < 0 || test < 0 || unlabelled < 0) {
      throw new IllegalArgumentException(
          "%d train, %d test, %d unlabelled clips".formatted(train, test, unlabelled));
    }
  }
}
