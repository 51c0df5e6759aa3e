package io.tubelet.clip;

import java.io.Serializable;
import java.util.Arrays;

/**
 * Decoded frames: RGB bytes {@code [time, height, width, channel]}, values in [0, 255], channel
 * fastest. The array belongs to this object and is not copied; nobody else may write to it.
 */
public record Frames(int time, int height, int width, byte[] bytes) implements Serializable {

  /** Fails if the array has another length than the sizes say. */
  public Frames {
    long expected = (long) time * height * width * ClipGeometry.CHANNELS;
    if (time < 1 || height < 1 || width < 1 || bytes.length != expected) {
      throw new IllegalArgumentException(
          "%d frames of %d x %d RGB are %d bytes, not %d"
              .formatted(time, height, width, expected, bytes.length));
    }
  }

  /** Frames of the same size with other pixels. */
  public Frames with(byte[] pixels) {
    return new Frames(time, height, width, pixels);
  }

  /** The first of every {@code time / wanted} frames; {@code wanted} must divide {@code time}. */
  public Frames thinned(int wanted) {
    if (time == wanted) {
      return this;
    }
    int size = bytes.length / time;
    byte[] pixels = new byte[size * wanted];
    for (int i = 0; i < wanted; i++) {
      System.arraycopy(bytes, i * (time / wanted) * size, pixels, i * size, size);
    }
    return new Frames(wanted, height, width, pixels);
  }

  /** The nearest value that a byte of a pixel can have. */
  public static byte clipped(long value) {
    return (byte) Math.max(0, Math.min(value, 255));
  }

  /** Index in {@link #bytes()} of the red value at (frame, row, column). */
  public int offset(int frame, int row, int column) {
    return ((frame * height + row) * width + column) * ClipGeometry.CHANNELS;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Frames that
        && time == that.time
        && height == that.height
        && width == that.width
        && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes) + 31 * (time + 31 * (height + 31 * width));
  }

  @Override
  public String toString() {
    return "Frames[%d x %d x %d]".formatted(time, height, width);
  }
}
