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

  private final Lanes lanes;
  private final Resample resample;
  private final int size;
  private final int run;
  private final int[] from;
  private final int[] to;
  private final byte[][] gathered;

  /** From {@code size} to {@code out} pixels, in {@code frames} rows of {@code out · channel}. */
  Columns(int size, int out, int frames) {
    resample = new Resample(size, out);
    this.size = size * CHANNELS;
    run = out * CHANNELS;
    int support = resample.support;
    List<int[]> copies = copies(resample.first);
    from = copies.stream().mapToInt(copy -> copy[0]).toArray();
    to = copies.stream().mapToInt(copy -> copy[1]).toArray();
    gathered = new byte[support][frames * run + Long.BYTES];
    lanes = new Lanes(support, frames * run);
    tile(resample.high, lanes.high);
    tile(resample.low, lanes.low);
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
  private void tile(short[] weights, short[][] tiled) {
    for (int k = 0; k < tiled.length; k++) {
      for (int i = 0; i < tiled[k].length; i++) {
        tiled[k][i] = weights[i % run / CHANNELS * tiled.length + k];
      }
    }
  }

  /**
   * Resizes one row of some frames, which begins at {@code at} and {@code stride} bytes further in
   * the next frame, to lanes in [0, 255] {@code [frames, out, channel]}.
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
      lanes.widen(gathered[k], 0, lanes.taps[k], 0, frames * run);
    }
    lanes.sum(resample.lowBits, out);
  }

  /** Gathers the inputs of all taps; the last copies reach beyond the row. */
  private void gather(byte[] in, int row, int to) {
    boolean last = in.length - row < size + Long.BYTES;
    byte[] bytes = last ? Arrays.copyOfRange(in, row, row + size + Long.BYTES) : in;
    for (int k = 0; k < gathered.length; k++) {
      gather(bytes, (last ? 0 : row) + k * CHANNELS, gathered[k], to);
    }
  }

  private void gather(byte[] in, int row, byte[] tap, int at) {
    for (int i = 0; i < from.length; i++) {
      LONG.set(tap, to[i] + at, (long) LONG.get(in, from[i] + row));
    }
  }
}
