package io.tubelet.augment;

import io.tubelet.clip.Frames;
import io.tubelet.geometry.ClipGeometry;

/** Cuts a box out of every frame and resizes it; optionally mirrors left and right. */
public final class Resize {
  private static final int HALF = 1 << (Resample.BITS - 1);
  private static final int CHANNELS = ClipGeometry.CHANNELS;

  private Resize() {}

  /**
   * The box of every frame at the output's size: antialiased bilinear, or a plain copy where
   * nothing changes size.
   *
   * @param flip whether left and right change places
   * @return new frames {@code [time, height, width, channel]}
   */
  public static Frames crop(Frames frames, Box box, int height, int width, boolean flip) {
    byte[] out = new byte[frames.time() * height * width * CHANNELS];
    if (box.height() == height && box.width() == width) {
      copy(frames, box, out);
    } else {
      scale(frames, box, height, width, out);
    }
    if (flip) {
      mirror(out, width);
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

  /** Columns first, as there are fewer rows to do than after; then rows. */
  private static void scale(Frames frames, Box box, int height, int width, byte[] out) {
    Resample columns = new Resample(box.left(), box.width(), width);
    Resample rows = new Resample(0, box.height(), height);
    byte[] narrow = new byte[box.height() * width * CHANNELS];
    for (int t = 0; t < frames.time(); t++) {
      for (int y = 0; y < box.height(); y++) {
        int row = frames.offset(t, box.top() + y, 0);
        scaleRow(frames.bytes(), row, columns, narrow, y * width * CHANNELS);
      }
      for (int y = 0; y < height; y++) {
        blendRows(narrow, rows, y, width * CHANNELS, out, (t * height + y) * width * CHANNELS);
      }
    }
  }

  private static void scaleRow(byte[] in, int row, Resample columns, byte[] out, int at) {
    for (int x = 0; x < columns.first.length; x++) {
      int from = row + columns.first[x] * CHANNELS;
      int red = HALF;
      int green = HALF;
      int blue = HALF;
      for (int k = 0; k < columns.support; k++) {
        int weight = columns.weights[x * columns.support + k];
        red += weight * (in[from] & 0xFF);
        green += weight * (in[from + 1] & 0xFF);
        blue += weight * (in[from + 2] & 0xFF);
        from += CHANNELS;
      }
      out[at++] = (byte) (red >> Resample.BITS);
      out[at++] = (byte) (green >> Resample.BITS);
      out[at++] = (byte) (blue >> Resample.BITS);
    }
  }

  private static void blendRows(byte[] in, Resample rows, int y, int run, byte[] out, int at) {
    for (int i = 0; i < run; i++) {
      int sum = HALF;
      int from = rows.first[y] * run + i;
      for (int k = 0; k < rows.support; k++) {
        sum += rows.weights[y * rows.support + k] * (in[from + k * run] & 0xFF);
      }
      out[at + i] = (byte) (sum >> Resample.BITS);
    }
  }

  private static void mirror(byte[] pixels, int width) {
    int run = width * CHANNELS;
    for (int row = 0; row < pixels.length; row += run) {
      for (int x = 0; x < width / 2; x++) {
        int left = row + x * CHANNELS;
        int right = row + (width - 1 - x) * CHANNELS;
        for (int c = 0; c < CHANNELS; c++) {
          byte swap = pixels[left + c];
          pixels[left + c] = pixels[right + c];
          pixels[right + c] = swap;
        }
      }
    }
  }
}
