package io.tubelet.augment;

import io.tubelet.clip.Frames;
import java.io.Serializable;
import java.util.random.RandomGenerator;

/**
 * RandAugment (arXiv 1909.13719) as fine-tuning of VideoMAE uses it: so many operations, each drawn
 * uniformly from {@link Operation} with replacement and then applied or skipped with even odds, at
 * a level drawn around the magnitude. The draw is the same for all frames of a clip.
 *
 * @param operations drawn for a clip; 0: none
 * @param magnitude mean level, in [0, {@link Operation#LEVELS}]
 * @param deviation standard deviation of the level; the level is clipped to its range
 */
public record RandAugment(int operations, double magnitude, double deviation)
    implements Serializable {
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
}
