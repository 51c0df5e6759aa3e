package io.tubelet.video.ffmpeg;

import static org.bytedeco.ffmpeg.global.avutil.AV_FRAME_DATA_DISPLAYMATRIX;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_side_data;

import io.tubelet.clip.ClipGeometry;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVFrameSideData;
import org.bytedeco.javacpp.IntPointer;

/**
 * How a stored picture is turned to be shown: one of the eight ways to lay a rectangle on itself or
 * on its upright. Any other angle becomes the nearest of these.
 *
 * @param transpose whether stored rows are shown as columns
 * @param flipX whether the shown picture runs from right to left
 * @param flipY whether the shown picture runs from bottom to top
 */
record Orientation(boolean transpose, boolean flipX, boolean flipY) {
  static final Orientation UPRIGHT = new Orientation(false, false, false);

  /** The one of a frame's display matrix: shown x = a · x + c · y, shown y = b · x + d · y. */
  static Orientation of(AVFrame frame) {
    AVFrameSideData side = av_frame_get_side_data(frame, AV_FRAME_DATA_DISPLAYMATRIX);
    if (side == null || side.size() < 9 * Integer.BYTES) {
      return UPRIGHT;
    }
    IntPointer matrix = new IntPointer(side.data());
    return of(matrix.get(0), matrix.get(1), matrix.get(3), matrix.get(4));
  }

  /** The one of a matrix (a b; c d) in any unit. */
  static Orientation of(long a, long b, long c, long d) {
    if (Math.abs(a) + Math.abs(d) >= Math.abs(b) + Math.abs(c)) {
      return new Orientation(false, a < 0, d < 0);
    }
    return new Orientation(true, c < 0, b < 0);
  }

  /**
   * Turns a picture.
   *
   * @param stored RGB {@code [height, width, channel]}
   * @return RGB {@code [width, height, channel]} if transposed, else as stored; the given array if
   *     it is upright already
   */
  byte[] show(byte[] stored, int height, int width) {
    if (equals(UPRIGHT)) {
      return stored;
    }
    int rows = transpose ? width : height;
    int columns = transpose ? height : width;
    byte[] shown = new byte[stored.length];
    int to = 0;
    for (int row = 0; row < rows; row++) {
      int v = flipY ? rows - 1 - row : row;
      for (int column = 0; column < columns; column++) {
        int u = flipX ? columns - 1 - column : column;
        int from = (transpose ? u * width + v : v * width + u) * ClipGeometry.CHANNELS;
        System.arraycopy(stored, from, shown, to, ClipGeometry.CHANNELS);
        to += ClipGeometry.CHANNELS;
      }
    }
    return shown;
  }
}
