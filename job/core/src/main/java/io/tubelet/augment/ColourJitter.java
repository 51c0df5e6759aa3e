package io.tubelet.augment;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.Frames;
import io.tubelet.clip.SampleSeed;
import java.io.Serializable;
import java.util.random.RandomGenerator;

/**
 * Other colours, the same in every frame of a clip, so that motion stays and what it is a motion of
 * looks different each time: every channel shows one of the three, each of them once, as {@code
 * gain · (x − 128) + 128 + shift} of its bytes, cut to [0, 255], with a gain of 0.5 to 1.3 and a
 * shift of −40 to 40 of its own; half of the clips are shown as negatives. Stronger than the usual
 * jitter of brightness and contrast (arXiv 2002.05709, appendix A), which keeps what is bright
 * bright.
 *
 * @param probability that a clip gets other colours
 */
public record ColourJitter(double probability) implements Serializable {
  /** Leaves clips as they are. */
  public static final ColourJitter NONE = new ColourJitter(0);

  private static final int VALUES = 256;
  private static final double MIDDLE = 128;
  private static final double LEAST_GAIN = 0.5;
  private static final double MOST_GAIN = 1.3;
  private static final double MOST_SHIFT = 40;

  /** The clip in other colours, or the same object. */
  public Frames apply(Frames frames, RandomGenerator random) {
    if (random.nextDouble() >= probability) {
      return frames;
    }
    boolean negative = random.nextBoolean();
    int[] source = SampleSeed.permutation(ClipGeometry.CHANNELS, random);
    byte[] out = new byte[frames.bytes().length];
    byte[] table = new byte[VALUES];
    for (int channel = 0; channel < source.length; channel++) {
      double gain = random.nextDouble(LEAST_GAIN, MOST_GAIN) * (negative ? -1 : 1);
      double shift = random.nextDouble(-MOST_SHIFT, MOST_SHIFT);
      for (int value = 0; value < VALUES; value++) {
        table[value] = Frames.clipped(Math.round(gain * (value - MIDDLE) + MIDDLE + shift));
      }
      for (int i = 0; i < out.length; i += source.length) {
        out[i + channel] = table[frames.bytes()[i + source[channel]] & 0xFF];
      }
    }
    return frames.with(out);
  }
}
