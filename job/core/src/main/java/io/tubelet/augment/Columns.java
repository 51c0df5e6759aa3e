package io.tubelet.augment;

import io.tubelet.clip.ClipGeometry;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

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
  private final short[][] high;
  private final short[][] low;
  private final byte[][] gathered;
  private final char[][] taps;

  /** From {@code size} to {@code out} pixels, in {@code frames} rows of {@code out · channel}. */
  Columns(int size, int out, int frames) {
    resample = new Resample(size, out);
    this.size = size * CHANNELS;
    run = out * CHANNELS;
    int support = resample.support;
    high = tile(resample.high, support, frames);
    low = tile(resample.low, support, frames);
    gathered = new byte[support][frames * run + Long.BYTES];
    taps = new char[support][frames * run];
    lanes = new Lanes(frames * run);
  }

  /** The weights of each tap, for every channel and frame. */
  private short[][] tile(short[] weights, int support, int frames) {
    short[][] tiled = new short[support][frames * run];
    for (int k = 0; k < support; k++) {
      for (int i = 0; i < tiled[k].length; i++) {
        tiled[k][i] = weights[i % run / CHANNELS * support + k];
      }
    }
    return tiled;
  }

  /**
   * Resizes one row of some frames.
   *
   * @param at index of the first frame's first byte
   * @param stride bytes from one frame to the next
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
    lanes.sum(taps, low, high, resample.lowBits, out);
  }

  /** Gathers the inputs of all taps; the last copies reach beyond the row. */
  private void gather(byte[] in, int row, int to) {
    boolean last = in.length - row < size + Long.BYTES;
    byte[] from = last ? Arrays.copyOfRange(in, row, row + size + Long.BYTES) : in;
    for (int k = 0; k < gathered.length; k++) {
      gather(from, (last ? 0 : row) + k * CHANNELS, gathered[k], to);
    }
  }

  private void gather(byte[] in, int row, byte[] tap, int at) {
    int[] first = resample.first;
    for (int x = 0; x < first.length; x++) {
      LONG.set(tap, at + x * CHANNELS, (long) LONG.get(in, row + first[x] * CHANNELS));
    }
  }
}
