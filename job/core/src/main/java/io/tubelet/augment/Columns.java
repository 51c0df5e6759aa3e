package io.tubelet.augment;

import io.tubelet.clip.ClipGeometry;
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
  private final short[][] high;
  private final short[][] low;
  private final byte[][] gathered;
  private final char[][] taps;
  private final short[] lowSum;

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
    lowSum = new short[frames * run];
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
  private short[][] tile(short[] weights, int support, int frames) {
    short[][] tiled = new short[support][frames * run];
    for (int k = 0; k < support; k++) {
      for (int i = 0; i < run; i++) {
        tiled[k][i] = weights[i / CHANNELS * support + k];
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
    if (size == run) {
      for (int f = 0; f < frames; f++) {
        lanes.widen(in, at + f * stride, out, f * run, run);
      }
      return;
    }
    for (int f = 0; f < frames; f++) {
      gather(in, at + f * stride, f * run);
    }
    for (int k = 0; k < resample.support; k++) {
      lanes.widen(gathered[k], 0, taps[k], 0, frames * run);
    }
    blend(out);
  }

  /** Gathers the inputs of all taps; the last copies reach beyond the row. */
  private void gather(byte[] in, int row, int to) {
    boolean last = in.length - row < size + Long.BYTES;
    byte[] from = last ? Arrays.copyOfRange(in, row, row + size + Long.BYTES) : in;
    int start = last ? 0 : row;
    for (int k = 0; k + 1 < resample.support; k += 2) {
      two(from, start + k * CHANNELS, k, to);
    }
    if (resample.support % 2 > 0) {
      int k = resample.support - 1;
      one(from, start + k * CHANNELS, k, to);
    }
  }

  /** Gathers the inputs of a tap and of the next one: one walk for two. */
  private void two(byte[] in, int row, int tap, int at) {
    byte[] one = gathered[tap];
    byte[] next = gathered[tap + 1];
    for (int i = 0; i < from.length; i++) {
      int first = from[i] + row;
      int out = to[i] + at;
      LONG.set(one, out, (long) LONG.get(in, first));
      LONG.set(next, out, (long) LONG.get(in, first + CHANNELS));
    }
  }

  private void one(byte[] in, int row, int tap, int at) {
    byte[] one = gathered[tap];
    for (int i = 0; i < from.length; i++) {
      LONG.set(one, to[i] + at, (long) LONG.get(in, from[i] + row));
    }
  }

  private void blend(char[] out) {
    if (resample.support == 2) {
      Lanes.low(lowSum, taps[0], taps[1], low[1]);
    } else {
      Lanes.low(lowSum, taps[0], taps[1], low[1], taps[2], low[2]);
    }
    for (int k = 3; k < resample.support; k++) {
      Lanes.add(lowSum, taps[0], taps[k], low[k]);
    }
    Lanes.high(out, lowSum, resample.lowBits, taps[0], taps[1], high[1]);
    for (int k = 2; k < resample.support; k++) {
      Lanes.add(out, taps[0], taps[k], high[k]);
    }
    Lanes.floor(out);
  }
}
