package io.tubelet.video.motion;

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
