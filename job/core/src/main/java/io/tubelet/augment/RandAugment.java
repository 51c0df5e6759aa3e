package io.tubelet.augment;

import io.tubelet.clip.Frames;
import java.io.Serializable;
import java.util.random.RandomGenerator;

/**
 * RandAugment (arXiv 1909.13719) as fine-tuning of VideoMAE uses it: so many operations, each drawn
 * uniformly from {@link Operation} with replacement and then done or left out with even odds, at a
 * level drawn around the magnitude. The draw is the same for all frames of a clip.
 *
 * @param operations drawn for a clip; 0: none
 * @param magnitude mean level, in [0, {@link Operation#LEVELS}]
 * @param deviation standard deviation of the level; the level is clipped to its range
 */
public record RandAugment(int operations, double magnitude, double deviation)
    implements Serializable {
  /** Leaves clips as they are. */
  public static final RandAugment NONE = new RandAugment(0, 0, 0);

  private static final double PROBABILITY = 0.5;
  private static final Operation[] ALL = Operation.values();

  /** The clip after this draw's operations; the same object if there are none. */
  public Frames apply(Frames frames, RandomGenerator random) {
    Frames result = frames;
    for (int i = 0; i < operations; i++) {
      Operation operation = ALL[random.nextInt(ALL.length)];
      boolean done = random.nextDouble() < PROBABILITY;
      double level = magnitude + deviation * random.nextGaussian();
      boolean negative = random.nextBoolean();
      if (done) {
        double clipped = Math.max(0, Math.min(level, Operation.LEVELS));
        result = operation.apply(result, clipped, negative);
      }
    }
    return result;
  }

  /**
   * The "increasing" set of RandAugment: 15 operations whose effect grows with the level, or that
   * have none.
   */
  enum Operation {
    AUTO_CONTRAST,
    EQUALIZE,
    INVERT,
    ROTATE,
    POSTERIZE,
    SOLARIZE,
    SOLARIZE_ADD,
    COLOR,
    CONTRAST,
    BRIGHTNESS,
    SHARPNESS,
    SHEAR_X,
    SHEAR_Y,
    TRANSLATE_X,
    TRANSLATE_Y;

    /** Levels go from 0 to this. */
    static final double LEVELS = 10;

    private static final double MOST_DEGREES = 30;
    private static final double MOST_SHEAR = 0.3;
    // of the side
    private static final double MOST_TRANSLATION = 0.45;
    private static final double MOST_ENHANCEMENT = 0.9;
    private static final int POSTERIZED_BITS = 4;
    private static final int MOST_ADDED = 110;

    /**
     * New frames.
     *
     * @param level in [0, {@link #LEVELS}]
     * @param negative whether a rotation, shear, translation or enhancement goes the other way
     */
    Frames apply(Frames frames, double level, boolean negative) {
      double share = level / LEVELS;
      double signed = negative ? -share : share;
      float factor = (float) (1 + MOST_ENHANCEMENT * signed);
      return switch (this) {
        case AUTO_CONTRAST -> Tables.autoContrast(frames);
        case EQUALIZE -> Tables.equalize(frames);
        case INVERT -> Tables.each(frames, value -> 255 - value);
        case POSTERIZE ->
            Tables.posterize(frames, POSTERIZED_BITS - (int) (share * POSTERIZED_BITS));
        case SOLARIZE -> Tables.solarize(frames, 256 - (int) (share * 256));
        case SOLARIZE_ADD -> Tables.solarizeAdd(frames, (int) (share * MOST_ADDED));
        case COLOR -> Blends.color(frames, factor);
        case CONTRAST -> Blends.contrast(frames, factor);
        case BRIGHTNESS -> Blends.brightness(frames, factor);
        case SHARPNESS -> Blends.sharpness(frames, factor);
        case ROTATE -> Affine.rotation(frames, signed * MOST_DEGREES).warp(frames);
        case SHEAR_X -> Affine.shear(signed * MOST_SHEAR, 0).warp(frames);
        case SHEAR_Y -> Affine.shear(0, signed * MOST_SHEAR).warp(frames);
        case TRANSLATE_X ->
            Affine.translation(signed * MOST_TRANSLATION * frames.width(), 0).warp(frames);
        case TRANSLATE_Y ->
            Affine.translation(0, signed * MOST_TRANSLATION * frames.height()).warp(frames);
      };
    }
  }
}
