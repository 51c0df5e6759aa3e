package io.tubelet.clip;

import java.io.Serializable;
import java.util.Arrays;

/**
 * Decoded frames: RGB bytes {@code [time, height, width, channel]}, values in [0, 255], channel
 * fastest. The array belongs to this object and is not copied; whoever holds it must not write to
 * it.
 */
public final class Frames implements Serializable {
  private final int time;
  private final int height;
  private final int width;
  private final byte[] bytes;

  /**
   * @throws IllegalArgumentException if the array has another length than the sizes say
   */
  public Frames(int time, int height, int width, byte[] bytes) {
    long expected = (long) time * height * width * ClipGeometry.CHANNELS;
    if (time < 1 || height < 1 || width < 1 || bytes.length != expected) {
      throw new IllegalArgumentException(
          "%d frames of %d x %d RGB are %d bytes, not %d"
              .formatted(time, height, width, expected, bytes.length));
    }
    this.time = time;
    this.height = height;
    this.width = width;
    this.bytes = bytes;
  }

  /** Number of frames. */
  public int time() {
    return time;
  }

  /** Rows of a frame. */
  public int height() {
    return height;
  }

  /** Columns of a frame. */
  public int width() {
    return width;
  }

  /** The pixels {@code [time, height, width, channel]}, not a copy. */
  public byte[] bytes() {
    return bytes;
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
