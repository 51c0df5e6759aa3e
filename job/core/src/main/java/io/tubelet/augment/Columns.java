package io.tubelet.augment;

import io.tubelet.geometry.ClipGeometry;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Resizes rows of pixels along themselves. For each of the {@code support} pixels that an output
 * pixel is made of, the inputs are gathered side by side; then the blend is lane by lane. Some rows
 * are done together, since short loops are slow vectors.
 */
final class Columns {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
  private static final int CHANNELS = ClipGeometry.CHANNELS;
  private static final int ROWS = 8;

  private final Lanes lanes = new Lanes();
  private final Resample resample;
  private final int run;
  private final int[] from;
  private final int[] to;
  private final char[][] high;
  private final char[][] low;
  private final byte[] row;
  private final byte[][] gathered;
  private final char[][] taps;
  private final char[] highSum;
  private final char[] lowSum;

  /** From {@code size} to {@code out} pixels, in rows of {@code out · channel} lanes. */
  Columns(int size, int out) {
    resample = new Resample(size, out);
    run = out * CHANNELS;
    int support = resample.support;
    List<int[]> copies = copies(resample.first);
    from = copies.stream().mapToInt(copy -> copy[0]).toArray();
    to = copies.stream().mapToInt(copy -> copy[1]).toArray();
    high = tile(resample.high, support);
    low = tile(resample.low, support);
    row = new byte[size * CHANNELS + Long.BYTES];
    gathered = new byte[support][ROWS * run + Long.BYTES];
    taps = new char[Math.max(support, Lanes.TAPS)][];
    for (int k = 0; k < taps.length; k++) {
      taps[k] = k < support ? new char[ROWS * run] : taps[0]; // without weight
    }
    highSum = new char[ROWS * run];
    lowSum = new char[ROWS * run];
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

  /** The weights of each tap, for every channel and row. */
  private char[][] tile(int[] weights, int support) {
    char[][] tiled = new char[Math.max(support, Lanes.TAPS)][ROWS * run];
    for (int k = 0; k < support; k++) {
      for (int i = 0; i < ROWS * run; i++) {
        tiled[k][i] = (char) weights[i % run / CHANNELS * support + k];
      }
    }
    return tiled;
  }

  /**
   * Resizes rows of a picture.
   *
   * @param at index of the first row's first byte
   * @param stride bytes from one row to the next
   * @param out lanes in [0, 255], one array a row
   */
  void apply(byte[] in, int at, int stride, char[][] out) {
    boolean same = row.length - Long.BYTES == run;
    for (int y = 0; same && y < out.length; y++) {
      lanes.widen(in, at + y * stride, out[y], run);
    }
    for (int y = 0; !same && y < out.length; y += ROWS) {
      int rows = Math.min(ROWS, out.length - y);
      for (int r = 0; r < rows; r++) {
        System.arraycopy(in, at + (y + r) * stride, row, 0, row.length - Long.BYTES);
        for (int k = 0; k < resample.support; k++) {
          gather(k * CHANNELS, gathered[k], r * run);
        }
      }
      blend(rows * run);
      for (int r = 0; r < rows; r++) {
        System.arraycopy(highSum, r * run, out[y + r], 0, run);
      }
    }
  }

  private void gather(int tap, byte[] out, int start) {
    for (int i = 0; i < from.length; i++) {
      LONG.set(out, start + to[i], (long) LONG.get(row, from[i] + tap));
    }
  }

  private void blend(int count) {
    for (int k = 0; k < resample.support; k++) {
      lanes.widen(gathered[k], 0, taps[k], count);
    }
    sum(highSum, Lanes.HALF, high);
    sum(lowSum, 0, low);
    Lanes.round(highSum, lowSum, resample.lowBits, highSum);
  }

  private void sum(char[] sum, int start, char[][] weights) {
    Lanes.blend(sum, start, taps[0], weights[0], taps[1], weights[1], taps[2], weights[2]);
    for (int k = Lanes.TAPS; k < resample.support; k++) {
      Lanes.add(sum, taps[k], weights[k]);
    }
  }
}
