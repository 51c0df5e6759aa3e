package io.tubelet.augment;

import io.tubelet.augment.Crop.Box;
import io.tubelet.augment.Resample.Lanes;
import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.Frames;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Cuts a box out of every frame and resizes it. */
public final class Resize {
  private static final int CHANNELS = ClipGeometry.CHANNELS;

  /** How many lanes to work on at a time: long loops, but all that they touch fits the caches. */
  private static final int LANES = 4 * 224 * CHANNELS;

  private Resize() {}

  /** The box of every frame at the output's size, antialiased bilinear, or copied if it has it. */
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
    for (int at = 0; at < out.length; at += run) {
      int row = at / run;
      int from = frames.offset(row / box.height(), box.top() + row % box.height(), box.left());
      System.arraycopy(frames.bytes(), from, out, at, run);
    }
  }

  /** Each row along itself, then each column, with bytes between: PIL's order. */
  private static void scale(Frames frames, Box box, int height, int width, byte[] out) {
    int run = width * CHANNELS;
    int group = Math.max(1, Math.min(frames.time(), LANES / run));
    Columns columns = new Columns(box.width(), width, group);
    Rows rows = new Rows(box.height(), height, group * run);
    byte[] narrow = new byte[group * run];
    for (int first = 0; first < frames.time(); first += group) {
      int count = Math.min(group, frames.time() - first);
      int from = frames.offset(first, box.top(), box.left());
      rows.taken = 0;
      for (int y = 0; y < height; y++) {
        while (rows.wants(y)) {
          int row = from + frames.offset(0, rows.taken, 0);
          columns.apply(frames.bytes(), row, frames.offset(1, 0, 0), count, rows.next());
        }
        rows.blend(y, narrow);
        for (int f = 0; f < count; f++) {
          int to = ((first + f) * height + y) * run;
          System.arraycopy(narrow, f * run, out, to, run);
        }
      }
    }
  }

  /** Resizes columns of pixels along themselves, whole rows of lanes at a time. */
  private static final class Rows {
    private final int size;
    private final boolean same;
    private final Resample resample;
    private final char[][] ring; // no more rows than one output row is made of
    private final char[] sum;
    private final Lanes lanes;
    private int taken;

    /** From {@code size} to {@code out} rows of {@code run} lanes. */
    Rows(int size, int out, int run) {
      this.size = size;
      same = size == out;
      resample = new Resample(size, out);
      ring = new char[resample.support][run];
      sum = new char[run];
      lanes = new Lanes(resample.support, run);
    }

    /** Whether output row {@code y} is made of a row that is not there yet. */
    boolean wants(int y) {
      return taken < (same ? y + 1 : Math.min(size, resample.first[y] + ring.length));
    }

    /** Where the next input row goes, lanes in [0, 255]. */
    char[] next() {
      return ring[taken++ % ring.length];
    }

    void blend(int y, byte[] out) {
      if (same) {
        lanes.narrow(ring[y % ring.length], out);
        return;
      }
      for (int k = 0; k < ring.length; k++) {
        lanes.taps[k] = ring[(resample.first[y] + k) % ring.length];
      }
      lanes.sum(resample, y, sum);
      lanes.narrow(sum, out);
    }
  }

  /**
   * Resizes rows of pixels along themselves. For each of the {@code support} pixels that an output
   * pixel is made of, the inputs are gathered side by side; then the blend is lane by lane. The
   * same row of some frames is done together, since short loops are slow vectors.
   */
  private static final class Columns {
    private static final VarHandle LONG =
        MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

    private final Lanes lanes;
    private final Resample resample;
    private final int size;
    private final int run;
    private final int[] from;
    private final int[] to;
    private final short[][] low;
    private final short[][] high;
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
      low = tiled(resample.low, frames * run);
      high = tiled(resample.high, frames * run);
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

    /** The weights of each tap but the first, for every channel and frame. */
    private short[][] tiled(short[] weights, int count) {
      short[][] tiled = new short[resample.support][];
      for (int k = 1; k < resample.support; k++) {
        tiled[k] = new short[count];
        for (int i = 0; i < count; i++) {
          tiled[k][i] = weights[i % run / CHANNELS * resample.support + k];
        }
      }
      return tiled;
    }

    /**
     * Resizes one row of some frames, which begins at {@code at} and {@code stride} bytes further
     * in the next frame, to lanes in [0, 255] {@code [frames, out, channel]}.
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
      lanes.sum(low, high, resample.lowBits, out);
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
}
