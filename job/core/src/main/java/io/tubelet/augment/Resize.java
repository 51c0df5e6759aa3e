package io.tubelet.augment;

import io.tubelet.augment.Crop.Box;
import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.Frames;
import java.util.Arrays;

/**
 * Cuts a box out of every frame and resizes it as PIL's {@code BILINEAR} does, which the published
 * crop uses: antialiased, in integers, each row along itself and then each column, rounded to bytes
 * in between. Up to a shrink of two a byte is mostly PIL's, and never more than one off.
 */
public final class Resize {
  private static final int CHANNELS = ClipGeometry.CHANNELS;
  private static final int HALF = 1 << (Weights.MOST_BITS - 1);

  private Resize() {}

  /**
   * The box of every frame at the output's size; a plain copy where nothing changes size.
   *
   * @return new frames {@code [time, height, width, channel]}
   */
  public static Frames crop(Frames frames, Box box, int height, int width) {
    byte[] out = new byte[frames.time() * height * width * CHANNELS];
    if (box.height() == height && box.width() == width) {
      copy(frames, box, out);
    } else {
      scale(frames, box, height, width, out);
    }
    return new Frames(frames.time(), height, width, out);
  }

  private static void copy(Frames frames, Box box, byte[] out) {
    int run = box.width() * CHANNELS;
    int at = 0;
    for (int t = 0; t < frames.time(); t++) {
      for (int y = 0; y < box.height(); y++) {
        System.arraycopy(frames.bytes(), frames.offset(t, box.top() + y, box.left()), out, at, run);
        at += run;
      }
    }
  }

  /** Holds no more resized rows than one output row is made of. */
  private static void scale(Frames frames, Box box, int height, int width, byte[] out) {
    int run = width * CHANNELS;
    Weights across = new Weights(box.width(), width);
    Weights down = new Weights(box.height(), height);
    int[][] ring = new int[down.taps][run];
    int[] sum = new int[run];
    for (int t = 0; t < frames.time(); t++) {
      int made = 0;
      for (int y = 0; y < height; y++) {
        int first = down.first[y];
        for (; made < Math.min(first + down.taps, box.height()); made++) {
          int from = frames.offset(t, box.top() + made, box.left());
          resizeRow(frames.bytes(), from, across, ring[made % ring.length]);
        }
        Arrays.fill(sum, down.half);
        for (int k = 0; k < down.taps; k++) {
          add(sum, ring[(first + k) % ring.length], down.of[y * down.taps + k]);
        }
        narrow(sum, down.bits, out, (t * height + y) * run);
      }
    }
  }

  private static void resizeRow(byte[] in, int from, Weights weights, int[] out) {
    if (weights.unchanged) {
      for (int i = 0; i < out.length; i++) {
        out[i] = in[from + i] & 0xFF;
      }
    } else if (weights.taps == 2) {
      blendTwo(in, from, weights, out);
    } else if (weights.taps == 3) {
      blendThree(in, from, weights, out);
    } else {
      blend(in, from, weights, out);
    }
  }

  // the loops over channels are unrolled by HotSpot; two or three taps are what crops mostly need

  /** {@code u·a + v·b} as {@code a + v·(b − a)}: one product instead of two. */
  private static void blendTwo(byte[] in, int from, Weights weights, int[] out) {
    for (int x = 0; x < weights.first.length; x++) {
      int p = from + weights.first[x] * CHANNELS;
      int second = weights.of[2 * x + 1];
      for (int c = 0; c < CHANNELS; c++) {
        int own = in[p + c] & 0xFF;
        int step = ((in[p + c + CHANNELS] & 0xFF) - own) * second;
        out[x * CHANNELS + c] = own + ((step + HALF) >> Weights.MOST_BITS);
      }
    }
  }

  private static void blendThree(byte[] in, int from, Weights weights, int[] out) {
    for (int x = 0; x < weights.first.length; x++) {
      int p = from + weights.first[x] * CHANNELS;
      int u = weights.of[3 * x];
      int v = weights.of[3 * x + 1];
      int w = weights.of[3 * x + 2];
      for (int c = 0; c < CHANNELS; c++) {
        int sum = u * (in[p + c] & 0xFF) + v * (in[p + c + 3] & 0xFF) + w * (in[p + c + 6] & 0xFF);
        out[x * CHANNELS + c] = (sum + HALF) >> Weights.MOST_BITS;
      }
    }
  }

  private static void blend(byte[] in, int from, Weights weights, int[] out) {
    int at = 0;
    int next = 0;
    for (int first : weights.first) {
      int p = from + first * CHANNELS;
      int red = weights.half;
      int green = weights.half;
      int blue = weights.half;
      for (int k = 0; k < weights.taps; k++) {
        int weight = weights.of[next++];
        red += weight * (in[p] & 0xFF);
        green += weight * (in[p + 1] & 0xFF);
        blue += weight * (in[p + 2] & 0xFF);
        p += CHANNELS;
      }
      out[at] = red >> weights.bits;
      out[at + 1] = green >> weights.bits;
      out[at + 2] = blue >> weights.bits;
      at += CHANNELS;
    }
  }

  // HotSpot makes vector instructions of this loop

  private static void add(int[] sum, int[] row, int weight) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += row[i] * weight;
    }
  }

  private static void narrow(int[] sum, int bits, byte[] out, int at) {
    for (int i = 0; i < sum.length; i++) {
      out[at + i] = (byte) (sum[i] >> bits);
    }
  }

  /**
   * Weights along one axis: a triangle filter as wide as the larger of the two pixel sizes. Output
   * pixel {@code i} is {@code Σ_k of[i·taps + k] · input[first[i] + k] / 2^bits}, rounded to
   * nearest. The weights of a pixel sum to {@code 2^bits} exactly.
   */
  private static final class Weights {
    static final int MOST_BITS = 14;

    final int[] first;
    final int[] of;
    final int taps;
    final int bits;
    final int half;
    final boolean unchanged;

    /** From {@code size} pixels to {@code out} pixels. */
    Weights(int size, int out) {
      double scale = (double) size / out;
      double radius = Math.max(scale, 1);
      unchanged = size == out;
      taps = Math.min(size, (int) Math.ceil(2 * radius));
      // up to four taps 14, one less each time the taps double: digests of trainings depend on it
      bits = MOST_BITS - (Integer.SIZE - Integer.numberOfLeadingZeros((taps - 1) / 4));
      half = 1 << (bits - 1);
      first = new int[out];
      of = new int[out * taps];
      for (int i = 0; i < out; i++) {
        double centre = (i + 0.5) * scale;
        first[i] = Math.max(0, Math.min((int) (centre - radius + 0.5), size - taps));
        double[] raw = new double[taps];
        double sum = 0;
        for (int k = 0; k < taps; k++) {
          raw[k] = Math.max(0, 1 - Math.abs(first[i] + k + 0.5 - centre) / radius);
          sum += raw[k];
        }
        fix(raw, sum, i * taps);
      }
    }

    /** Rounds to fixed point; the largest weight takes the rounding error. */
    private void fix(double[] raw, double sum, int at) {
      int left = 1 << bits;
      int largest = 0;
      for (int k = 0; k < taps; k++) {
        of[at + k] = (int) Math.round(raw[k] / sum * (1 << bits));
        left -= of[at + k];
        largest = raw[k] > raw[largest] ? k : largest;
      }
      of[at + largest] += left;
    }
  }
}
