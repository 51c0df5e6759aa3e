package io.tubelet.augment;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.Frames;
import java.util.Arrays;

/**
 * A picture moved, turned or sheared: output (x, y) shows input {@code (xx·x + xy·y + x0, yx·x +
 * yy·y + y0)}, coordinates at pixel centres; bicubic (cubic convolution with a = −1, as PIL's
 * transforms), grey outside of the picture.
 */
record Affine(double xx, double xy, double x0, double yx, double yy, double y0) {
  private static final byte FILL = (byte) 128;
  private static final int CHANNELS = ClipGeometry.CHANNELS;
  private static final int TAPS = 4;
  // weights in 1/2048: a weighted sum of bytes fits 32 bits, and weights sum to one exactly
  private static final int BITS = 11;

  /** Turned about the centre of the frames, counter-clockwise. */
  static Affine rotation(Frames frames, double degrees) {
    double angle = -Math.toRadians(degrees);
    double cos = StrictMath.cos(angle);
    double sin = StrictMath.sin(angle);
    double centreX = frames.width() / 2.0;
    double centreY = frames.height() / 2.0;
    double x0 = centreX - cos * centreX - sin * centreY;
    double y0 = centreY + sin * centreX - cos * centreY;
    return new Affine(cos, sin, x0, -sin, cos, y0);
  }

  Frames warp(Frames frames) {
    byte[] out = new byte[frames.bytes().length];
    Tap across = new Tap(frames.width(), CHANNELS);
    Tap down = new Tap(frames.height(), frames.width() * CHANNELS);
    int frame = out.length / frames.time();
    int at = 0;
    for (int y = 0; y < frames.height(); y++) {
      for (int x = 0; x < frames.width(); x++) {
        boolean inside =
            across.place(xx * (x + 0.5) + xy * (y + 0.5) + x0)
                && down.place(yx * (x + 0.5) + yy * (y + 0.5) + y0);
        for (int offset = 0; offset < out.length; offset += frame) {
          if (inside) {
            blend(frames.bytes(), offset, across, down, out, offset + at);
          } else {
            Arrays.fill(out, offset + at, offset + at + CHANNELS, FILL);
          }
        }
        at += CHANNELS;
      }
    }
    return frames.with(out);
  }

  private static void blend(byte[] in, int frame, Tap across, Tap down, byte[] out, int at) {
    long red = 0;
    long green = 0;
    long blue = 0;
    for (int j = 0; j < TAPS; j++) {
      long weight = down.weights[j];
      if (weight != 0) {
        int row = frame + down.offsets[j];
        for (int i = 0; i < TAPS; i++) {
          int from = row + across.offsets[i];
          long both = weight * across.weights[i];
          red += both * (in[from] & 0xFF);
          green += both * (in[from + 1] & 0xFF);
          blue += both * (in[from + 2] & 0xFF);
        }
      }
    }
    out[at] = Frames.clipped(red >> (2 * BITS)); // rounded down, as PIL does
    out[at + 1] = Frames.clipped(green >> (2 * BITS));
    out[at + 2] = Frames.clipped(blue >> (2 * BITS));
  }

  /** The four pixels along one axis that a point is made of; those outside are the nearest edge. */
  private static final class Tap {
    final int[] offsets = new int[TAPS];
    final int[] weights = new int[TAPS];
    private final int size;
    private final int stride;

    Tap(int size, int stride) {
      this.size = size;
      this.stride = stride;
    }

    /** Whether the point is inside; if so, offsets and weights are its. */
    boolean place(double point) {
      if (point < 0 || point >= size) {
        return false;
      }
      double shifted = point - 0.5;
      int floor = (int) Math.floor(shifted);
      double d = shifted - floor;
      for (int i = 0; i < TAPS; i++) {
        offsets[i] = Math.max(0, Math.min(floor - 1 + i, size - 1)) * stride;
      }
      weights[0] = fixed(-d + 2 * d * d - d * d * d);
      weights[2] = fixed(d + d * d - d * d * d);
      weights[3] = fixed(-d * d + d * d * d);
      weights[1] = (1 << BITS) - weights[0] - weights[2] - weights[3];
      return true;
    }

    private static int fixed(double weight) {
      return (int) Math.round(weight * (1 << BITS));
    }
  }
}
