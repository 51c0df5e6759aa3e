package io.tubelet.augment;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.Frames;
import java.util.function.IntUnaryOperator;

/** Operations that look each value up in a table, which may depend on its frame and channel. */
final class Tables {
  private static final int VALUES = 256;
  private static final int CHANNELS = ClipGeometry.CHANNELS;

  /** The table of one channel of one frame. */
  @FunctionalInterface
  private interface Rule {
    byte[] table(int[] histogram);
  }

  private Tables() {}

  /** The same table everywhere; {@code rule} may leave [0, 255] and is clipped. */
  static Frames each(Frames frames, IntUnaryOperator rule) {
    byte[] table = table(rule);
    byte[] out = new byte[frames.bytes().length];
    for (int i = 0; i < out.length; i++) {
      out[i] = table[frames.bytes()[i] & 0xFF];
    }
    return new Frames(frames.time(), frames.height(), frames.width(), out);
  }

  /** Keeps the highest {@code bits} of a value. */
  static Frames posterize(Frames frames, int bits) {
    return each(frames, value -> value & (0xFF00 >> bits));
  }

  /** Inverts what is not darker than the threshold. */
  static Frames solarize(Frames frames, int threshold) {
    return each(frames, value -> value < threshold ? value : 255 - value);
  }

  /** Brightens the darker half. */
  static Frames solarizeAdd(Frames frames, int added) {
    return each(frames, value -> value < 128 ? value + added : value);
  }

  /** Stretches each channel of a frame to the whole range. */
  static Frames autoContrast(Frames frames) {
    return eachChannel(
        frames,
        histogram -> {
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
          return table(value -> (int) (value * scale + offset));
        });
  }

  /** Makes the values of each channel of a frame nearly equally frequent. */
  static Frames equalize(Frames frames) {
    return eachChannel(
        frames,
        histogram -> {
          int last = VALUES - 1;
          while (last > 0 && histogram[last] == 0) {
            last--;
          }
          int step = (frames.height() * frames.width() - histogram[last]) / 255;
          int[] below = new int[VALUES];
          for (int value = 1; value < VALUES; value++) {
            below[value] = below[value - 1] + histogram[value - 1];
          }
          return table(value -> step == 0 ? value : (step / 2 + below[value]) / step);
        });
  }

  private static byte[] table(IntUnaryOperator rule) {
    byte[] table = new byte[VALUES];
    for (int value = 0; value < VALUES; value++) {
      table[value] = (byte) Math.max(0, Math.min(rule.applyAsInt(value), 255));
    }
    return table;
  }

  private static Frames eachChannel(Frames frames, Rule rule) {
    byte[] in = frames.bytes();
    byte[] out = new byte[in.length];
    int size = in.length / frames.time();
    for (int from = 0; from < in.length; from += size) {
      for (int channel = 0; channel < CHANNELS; channel++) {
        int[] histogram = new int[VALUES];
        for (int i = from + channel; i < from + size; i += CHANNELS) {
          histogram[in[i] & 0xFF]++;
        }
        byte[] table = rule.table(histogram);
        for (int i = from + channel; i < from + size; i += CHANNELS) {
          out[i] = table[in[i] & 0xFF];
        }
      }
    }
    return new Frames(frames.time(), frames.height(), frames.width(), out);
  }
}
