package io.tubelet.augment;

import io.tubelet.augment.Crop.Box;
import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.Frames;

/** Cuts a box out of every frame and resizes it. */
public final class Resize {
  private static final int CHANNELS = ClipGeometry.CHANNELS;

  /** How many lanes to work on at a time: long loops, but all that they touch fits the caches. */
  private static final int LANES = 4 * 224 * CHANNELS;

  private Resize() {}

  /**
   * The box of every frame at the output's size: antialiased bilinear, or a plain copy where
   * nothing changes size.
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

  /** Each row along itself, then each column, with bytes between: PIL's order. */
  private static void scale(Frames frames, Box box, int height, int width, byte[] out) {
    int run = width * CHANNELS;
    int group = Math.max(1, Math.min(frames.time(), LANES / run));
    Columns columns = new Columns(box.width(), width, group);
    Rows rows = new Rows(box.height(), height, group * run);
    Lanes lanes = new Lanes();
    byte[] narrow = new byte[group * run];
    int stride = frames.offset(1, 0, 0);
    for (int first = 0; first < frames.time(); first += group) {
      int count = Math.min(group, frames.time() - first);
      int from = frames.offset(first, box.top(), box.left());
      int to = first * height * run;
      rows.apply(
          (y, row) ->
              columns.apply(frames.bytes(), from + frames.offset(0, y, 0), stride, count, row),
          (y, row) -> {
            lanes.narrow(row, 0, narrow, 0, count * run);
            for (int f = 0; f < count; f++) {
              System.arraycopy(narrow, f * run, out, to + (f * height + y) * run, run);
            }
          });
    }
  }
}
