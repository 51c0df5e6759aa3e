package io.tubelet.augment;

import io.tubelet.geometry.ClipGeometry;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Resizes rows of pixels along themselves. For each of the {@code support} pixels that an output
 * pixel is made of, the inputs are gathered side by side; then the blend is lane by lane. The same
 * row of some frames is done together, since short loops are slow vectors.
 */
final class Columns {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
  private static final int CHANNELS = ClipGeometry.CHANNELS;

  private final Lanes lanes = new Lanes();
  private final Resample resample;
  private final int size;
  private final int run;
  private final int[] from;
  private final int[] to;
  private final char[][] high;
  private final char[][] low;
  private final byte[][] gathered;
  private final char[][] taps;
  private final char[] lowSum;

  /** From {@code size} to {@code out} pixels, in {@code frames} rows of {@code out · channel}. */
  Columns(int size, int out, int frames) {
    resample = new Resample(size, out);
    this.size = size * CHANNELS;
    run = out * CHANNELS;
    int support = resample.support;
    List<int[]> copies = copies(resample.first);
    from = copies.stream().mapToInt(copy -> copy[0]).toArray();
    to = copies.stream().mapToInt(copy -> copy[1]).toArray();
    high = tile(resample.high, support, frames);
    low = tile(resample.low, support, frames);
    gathered = new byte[support][frames * run + Long.BYTES];
    taps = new char[support][frames * run];
    lowSum = new char[frames * run];
  }

  /** Copies of eight bytes {from, to} that gather each output's first input, ascending in to. */
  private static List<int[]> copies(int[] first) {
    List<int[]> copies = new ArrayList<>();
    int start = 0;
    for (int x = 1; x <= first.length; x++) {
      if (x == first.length || first[x] != first[x - 1] + 1) {
        for (int at = 0; at < (x - start) * CHANNELS; at += Long.BYTES) {
          copies.add(new int[] {first[start] * CHANNELS + at, start * CHANNELS + at});
        }
        start = x;
      }
    }
    return copies;
  }

  /** The weights of each tap, for every channel and frame. */
  private char[][] tile(int[] weights, int support, int frames) {
    char[][] tiled = new char[support][frames * run];
    for (int k = 0; k < support; k++) {
      for (int i = 0; i < run; i++) {
        tiled[k][i] = (char) weights[i / CHANNELS * support + k];
      }
      for (int f = 1; f < frames; f++) {
        System.arraycopy(tiled[k], 0, tiled[k], f * run, run);
      }
    }
    return tiled;
  }

  /**
   * Resizes one row of some frames.
   *
   * @param at index of the first frame's first byte
   * @param stride bytes from one frame to the next
   * @param frames how many
   * @param out lanes in [0, 255] {@code [frames, out, channel]}
   */
  void apply(byte[] in, int at, int stride, int frames, char[] out) {
    boolean same = size == run;
    for (int f = 0; same && f < frames; f++) {
      lanes.widen(in, at + f * stride, out, f * run, run);
    }
    for (int f = 0; !same && f < frames; f++) {
      gather(in, at + f * stride, f * run);
    }
    for (int k = 0; !same && k < resample.support; k++) {
      lanes.widen(gathered[k], 0, taps[k], 0, frames * run);
    }
    if (!same) {
      blend(out);
    }
  }

  /** Gathers the inputs of all taps; the last copies reach beyond the row. */
  private void gather(byte[] in, int row, int to) {
    boolean last = in.length - row < size + Long.BYTES;
    byte[] from = last ? Arrays.copyOfRange(in, row, row + size + Long.BYTES) : in;
    int start = last ? 0 : row;
    for (int k = 0; k + 1 < resample.support; k += 2) {
      gather(from, start, k, to);
    }
    if (resample.support % 2 > 0) {
      gather(from, start, resample.support - 2, to);
    }
  }

  /** Gathers the inputs of a tap and of the next one: one walk for two. */
  private void gather(byte[] in, int row, int tap, int at) {
    byte[] one = gathered[tap];
    byte[] next = gathered[tap + 1];
    int start = row + tap * CHANNELS;
    for (int i = 0; i < from.length; i++) {
      int first = from[i] + start;
      int out = to[i] + at;
      LONG.set(one, out, (long) LONG.get(in, first));
      LONG.set(next, out, (long) LONG.get(in, first + CHANNELS));
    }
  }

  private void blend(char[] out) {
    Lanes.low(lowSum, taps[0], low[0], taps[1], low[1]);
    for (int k = 2; k < resample.support; k++) {
      Lanes.add(lowSum, taps[k], low[k]);
    }
    Lanes.high(out, lowSum, resample.lowBits, taps[0], high[0], taps[1], high[1]);
    for (int k = 2; k < resample.support; k++) {
      Lanes.add(out, taps[k], high[k]);
    }
    Lanes.floor(out);
  }
}
