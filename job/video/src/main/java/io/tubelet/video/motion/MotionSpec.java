package io.tubelet.video.motion;

import java.io.Serializable;

/**
 * What clips are made.
 *
 * @param seed of all of them
 * @param size rows and columns; even, for the files' sake
 * @param frames of a clip
 */
public record MotionSpec(long seed, int size, int frames, Level level) implements Serializable {

  /** How hard a clip is. */
  public enum Level {
    /** A plain background, no distractor, no noise. */
    EASY,
    /** A textured background, a static distractor, noise. */
    DEFAULT,
    /**
     * The background drifts and carries the figure along, so that its motion shows only against the
     * background; the distractor goes its own way; the class's motion has half the speed.
     */
    HARD
  }

  /**
   * @throws IllegalArgumentException if the size is odd or below 16, or there is no frame
   */
  public MotionSpec {
    if (size < 16 || size % 2 != 0 || frames < 1) {
      throw new IllegalArgumentException(
          "%d frames of side %d: at least 1, of an even side of at least 16"
              .formatted(frames, size));
    }
  }
}
