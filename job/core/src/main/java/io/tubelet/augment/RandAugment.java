package io.tubelet.augment;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.Frames;
import java.io.Serializable;
import java.util.Arrays;
import java.util.function.Function;
import java.util.function.IntUnaryOperator;
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

  /**
   * The "increasing" set of RandAugment: 15 operations whose effect grows with the level, or that
   * have none. Each does to a frame what PIL's operation of that name does.
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

    static final double LEVELS = 10;

    private static final double MOST_DEGREES = 30;
    private static final double MOST_SHEAR = 0.3;
    private static final double MOST_TRANSLATION = 0.45; // of the side
    private static final double MOST_ENHANCEMENT = 0.9;
    private static final int POSTERIZED_BITS = 4;
    private static final int MOST_ADDED = 110;
    private static final int VALUES = 256;
    private static final int CHANNELS = ClipGeometry.CHANNELS;

    /** At a level in [0, {@link #LEVELS}]; negative turns, moves or enhances the other way. */
    Frames apply(Frames frames, double level, boolean negative) {
      double share = level / LEVELS;
      double signed = negative ? -share : share;
      float factor = (float) (1 + MOST_ENHANCEMENT * signed);
      int mask = 0xFF00 >> (POSTERIZED_BITS - (int) (share * POSTERIZED_BITS));
      int threshold = VALUES - (int) (share * VALUES);
      int added = (int) (share * MOST_ADDED);
      double across = signed * MOST_TRANSLATION * frames.width();
      double down = signed * MOST_TRANSLATION * frames.height();
      return switch (this) {
        case AUTO_CONTRAST -> eachChannel(frames, Operation::stretched);
        case EQUALIZE -> eachChannel(frames, Operation::equalized);
        case INVERT -> eachValue(frames, value -> 255 - value);
        case POSTERIZE -> eachValue(frames, value -> value & mask);
        case SOLARIZE -> eachValue(frames, value -> value < threshold ? value : 255 - value);
        case SOLARIZE_ADD -> eachValue(frames, value -> value < 128 ? value + added : value);
        case COLOR -> blend(frames, factor, Operation::grey);
        case CONTRAST -> blend(frames, factor, Operation::meanGrey);
        case BRIGHTNESS -> blend(frames, factor, (in, from, black) -> {});
        case SHARPNESS ->
            blend(frames, factor, (in, from, dull) -> smooth(in, from, dull, frames.width()));
        case ROTATE -> Affine.rotation(frames, signed * MOST_DEGREES).warp(frames);
        case SHEAR_X -> new Affine(1, signed * MOST_SHEAR, 0, 0, 1, 0).warp(frames);
        case SHEAR_Y -> new Affine(1, 0, 0, signed * MOST_SHEAR, 1, 0).warp(frames);
        case TRANSLATE_X -> new Affine(1, 0, across, 0, 1, 0).warp(frames);
        case TRANSLATE_Y -> new Affine(1, 0, 0, 0, 1, down).warp(frames);
      };
    }

    private static Frames eachValue(Frames frames, IntUnaryOperator rule) {
      return eachChannel(frames, histogram -> rule);
    }

    /** A rule is told the histogram of a channel of a frame, and says what each value becomes. */
    private static Frames eachChannel(Frames frames, Function<int[], IntUnaryOperator> rule) {
      byte[] in = frames.bytes();
      byte[] out = new byte[in.length];
      int size = in.length / frames.time();
      for (int from = 0; from < in.length; from += size) {
        for (int channel = 0; channel < CHANNELS; channel++) {
          int[] histogram = new int[VALUES];
          for (int i = from + channel; i < from + size; i += CHANNELS) {
            histogram[in[i] & 0xFF]++;
          }
          IntUnaryOperator becomes = rule.apply(histogram);
          byte[] table = new byte[VALUES];
          for (int value = 0; value < VALUES; value++) {
            table[value] = Frames.clipped(becomes.applyAsInt(value));
          }
          for (int i = from + channel; i < from + size; i += CHANNELS) {
            out[i] = table[in[i] & 0xFF];
          }
        }
      }
      return frames.with(out);
    }

    /** To the whole range. */
    private static IntUnaryOperator stretched(int[] histogram) {
      int low = 0;
      int high = VALUES - 1;
      while (low < high && histogram[low] == 0) {
        low++;
      }
      while (high > low && histogram[high] == 0) {
        high--;
      }
      double scale = high > low ? 255.0 / (high - low) : 1;
      double offset = high > low ? -low * scale : 0;
      return value -> (int) (value * scale + offset);
    }

    /** To nearly equal frequencies. */
    private static IntUnaryOperator equalized(int[] histogram) {
      int last = VALUES - 1;
      while (last > 0 && histogram[last] == 0) {
        last--;
      }
      int[] below = new int[VALUES + 1];
      for (int value = 0; value < VALUES; value++) {
        below[value + 1] = below[value] + histogram[value];
      }
      int step = (below[VALUES] - histogram[last]) / 255;
      return value -> step == 0 ? value : (step / 2 + below[value]) / step;
    }

    /** Writes a duller version of the frame that begins at {@code from} to {@code dull}. */
    private interface Dull {
      void write(byte[] in, int from, byte[] dull);
    }

    /** {@code dull + factor · (frame − dull)}, cut to [0, 255] and rounded down. */
    private static Frames blend(Frames frames, float factor, Dull duller) {
      byte[] in = frames.bytes();
      byte[] out = new byte[in.length];
      byte[] dull = new byte[in.length / frames.time()];
      for (int from = 0; from < in.length; from += dull.length) {
        duller.write(in, from, dull);
        for (int i = 0; i < dull.length; i++) {
          int low = dull[i] & 0xFF;
          out[from + i] = Frames.clipped((int) (low + factor * ((in[from + i] & 0xFF) - low)));
        }
      }
      return frames.with(out);
    }

    private static void grey(byte[] in, int from, byte[] dull) {
      for (int i = 0; i < dull.length; i += CHANNELS) {
        Arrays.fill(dull, i, i + CHANNELS, (byte) luma(in, from + i));
      }
    }

    private static void meanGrey(byte[] in, int from, byte[] dull) {
      long sum = 0;
      for (int i = from; i < from + dull.length; i += CHANNELS) {
        sum += luma(in, i);
      }
      double mean = (double) CHANNELS * sum / dull.length;
      Arrays.fill(dull, (byte) (mean + 0.5));
    }

    /** ITU-R BT.601 luma in fixed point, as PIL has it. */
    private static int luma(byte[] in, int i) {
      int sum = 19595 * (in[i] & 0xFF) + 38470 * (in[i + 1] & 0xFF) + 7471 * (in[i + 2] & 0xFF);
      return (sum + 0x8000) >> 16;
    }

    /** By {1 1 1, 1 5 1, 1 1 1} / 13; the border stays. */
    private static void smooth(byte[] in, int from, byte[] dull, int width) {
      System.arraycopy(in, from, dull, 0, dull.length);
      int row = width * CHANNELS;
      for (int line = row; line < dull.length - row; line += row) {
        for (int i = line + CHANNELS; i < line + row - CHANNELS; i++) {
          int sum = 4 * (in[from + i] & 0xFF);
          for (int at = from + i - row; at <= from + i + row; at += row) {
            sum += (in[at - CHANNELS] & 0xFF) + (in[at] & 0xFF) + (in[at + CHANNELS] & 0xFF);
          }
          dull[i] = (byte) ((2 * sum + 13) / 26);
        }
      }
    }
  }
}
