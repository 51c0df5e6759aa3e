package io.tubelet.augment;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.Frames;
import java.util.Arrays;

/**
 * Operations that move a frame away from, or towards, a duller version of itself: {@code dull +
 * factor · (frame − dull)}, cut to [0, 255] and rounded down.
 */
final class Blends {
  private static final int CHANNELS = ClipGeometry.CHANNELS;

  /** The duller version of one frame. */
  @FunctionalInterface
  private interface Dull {
    /** Writes all of the frame's values to {@code dull}, from index 0. */
    void write(byte[] in, int from, byte[] dull);
  }

  private Blends() {}

  /** Against the frame in grey. */
  static Frames color(Frames frames, float factor) {
    return blend(frames, factor, Blends::grey);
  }

  /** Against the frame's mean grey. */
  static Frames contrast(Frames frames, float factor) {
    return blend(
        frames,
        factor,
        (in, from, dull) -> {
          long sum = 0;
          for (int i = from; i < from + dull.length; i += CHANNELS) {
            sum += luma(in, i);
          }
          double mean = (double) CHANNELS * sum / dull.length;
          Arrays.fill(dull, (byte) (mean + 0.5));
        });
  }

  /** Against black. */
  static Frames brightness(Frames frames, float factor) {
    return blend(frames, factor, (in, from, dull) -> {});
  }

  /** Against the frame smoothed by {1 1 1, 1 5 1, 1 1 1} / 13; its border stays. */
  static Frames sharpness(Frames frames, float factor) {
    int row = frames.width() * CHANNELS;
    return blend(frames, factor, (in, from, dull) -> smooth(in, from, dull, row));
  }

  private static void grey(byte[] in, int from, byte[] dull) {
    for (int i = 0; i < dull.length; i += CHANNELS) {
      byte grey = (byte) luma(in, from + i);
      dull[i] = grey;
      dull[i + 1] = grey;
      dull[i + 2] = grey;
    }
  }

  /** ITU-R BT.601 luma in fixed point, as PIL has it. */
  private static int luma(byte[] in, int i) {
    return (19595 * (in[i] & 0xFF)
            + 38470 * (in[i + 1] & 0xFF)
            + 7471 * (in[i + 2] & 0xFF)
            + 0x8000)
        >> 16;
  }

  private static void smooth(byte[] in, int from, byte[] dull, int row) {
    System.arraycopy(in, from, dull, 0, dull.length);
    for (int line = row; line < dull.length - row; line += row) {
      for (int i = line + CHANNELS; i < line + row - CHANNELS; i++) {
        int at = from + i;
        int sum =
            triple(in, at - row) + triple(in, at) + triple(in, at + row) + 4 * (in[at] & 0xFF);
        dull[i] = (byte) ((2 * sum + 13) / 26);
      }
    }
  }

  private static int triple(byte[] in, int at) {
    return (in[at - CHANNELS] & 0xFF) + (in[at] & 0xFF) + (in[at + CHANNELS] & 0xFF);
  }

  private static Frames blend(Frames frames, float factor, Dull duller) {
    byte[] in = frames.bytes();
    byte[] out = new byte[in.length];
    byte[] dull = new byte[in.length / frames.time()];
    for (int from = 0; from < in.length; from += dull.length) {
      duller.write(in, from, dull);
      for (int i = 0; i < dull.length; i++) {
        int low = dull[i] & 0xFF;
        float value = low + factor * ((in[from + i] & 0xFF) - low);
        out[from + i] = (byte) Math.max(0, Math.min((int) value, 255));
      }
    }
    return new Frames(frames.time(), frames.height(), frames.width(), out);
  }
}
