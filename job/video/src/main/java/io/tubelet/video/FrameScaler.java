package io.tubelet.video;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.Frames;
import io.tubelet.video.Decoded.Reason;
import io.tubelet.video.Decoded.RefusedException;
import io.tubelet.video.Windows.SamplingSpec;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVFrameSideData;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.ffmpeg.global.swscale;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.IntPointer;

/**
 * Decoded frames to upright RGB frames of one stored size, in one pass of swscale per frame.
 *
 * <p>The short side is scaled to a given length with a triangle filter, which is as wide as the
 * scaling asks and so does not alias; the long side keeps the picture's shape. A shape longer than
 * {@link SamplingSpec#MOST_ASPECT} : 1 loses both its ends. Pixels are taken for square: a stream's
 * sample aspect ratio is not looked at. Matrix and range are those of the frame; a frame that names
 * none is BT.601 and limited. Ten bits become eight with rounding; alpha is ignored.
 *
 * <p>The first frame decides size and orientation for the whole video; a later frame of another
 * size is scaled to the same.
 */
final class FrameScaler implements AutoCloseable {
  private static final int FILTER =
      swscale.SWS_BILINEAR
          | swscale.SWS_ACCURATE_RND
          | swscale.SWS_FULL_CHR_H_INT
          | swscale.SWS_FULL_CHR_H_INP
          | swscale.SWS_BITEXACT;

  /** A crop starts at a multiple of this, so that it falls between pixels of every chroma plane. */
  private static final int CROP_STEP = 8;

  private static final int FIXED_POINT_ONE = 1 << 16;

  private final int shortSide; // of the stored frames, in pixels
  private final AVFrame scaled = avutil.av_frame_alloc();
  private Orientation orientation = Orientation.UPRIGHT;

  /** Rows and columns of the video as shown; 0 before the first frame. */
  int sourceHeight;

  int sourceWidth;
  private SwsContext context;

  FrameScaler(int shortSide) {
    this.shortSide = shortSide;
  }

  /**
   * Scales and turns one frame, which may lose its ends; all of a video get one size.
   *
   * @throws RefusedException {@link Reason#UNSUPPORTED_CODEC} if nothing converts from its format
   */
  Frames scale(AVFrame frame) throws RefusedException {
    inspect(frame);
    crop(frame);
    if (scaled.width() == 0) {
      allocate(frame);
    }
    prepare(frame);
    swscale.sws_scale(
        context,
        frame.data(),
        frame.linesize(),
        0,
        frame.height(),
        scaled.data(),
        scaled.linesize());
    return orientation.show(new Frames(1, scaled.height(), scaled.width(), pixels()));
  }

  /** Takes note of the first frame's size and orientation, for what is said of the video. */
  void inspect(AVFrame frame) {
    if (sourceWidth == 0) {
      orientation = Orientation.of(frame);
      sourceHeight = orientation.transpose() ? frame.width() : frame.height();
      sourceWidth = orientation.transpose() ? frame.height() : frame.width();
    }
  }

  private void crop(AVFrame frame) {
    int shorter = Math.min(frame.width(), frame.height());
    int longest = Math.multiplyExact(shorter, SamplingSpec.MOST_ASPECT);
    int columns = Math.max(0, frame.width() - longest);
    int rows = Math.max(0, frame.height() - longest);
    if (columns + rows > 0) {
      int left = columns / 2 / CROP_STEP * CROP_STEP;
      int top = rows / 2 / CROP_STEP * CROP_STEP;
      frame.crop_left(left).crop_right(columns - left).crop_top(top).crop_bottom(rows - top);
      avutil.av_frame_apply_cropping(frame, avutil.AV_FRAME_CROP_UNALIGNED);
    }
  }

  private void allocate(AVFrame frame) {
    int side = Math.min(frame.width(), frame.height());
    scaled
        .format(avutil.AV_PIX_FMT_RGB24)
        .width(Math.round((float) frame.width() * shortSide / side))
        .height(Math.round((float) frame.height() * shortSide / side));
    if (avutil.av_frame_get_buffer(scaled, 0) < 0) {
      throw new OutOfMemoryError("no memory for a frame of %d pixels".formatted(shortSide));
    }
  }

  private void prepare(AVFrame frame) throws RefusedException {
    context =
        swscale.sws_getCachedContext(
            context,
            frame.width(),
            frame.height(),
            frame.format(),
            scaled.width(),
            scaled.height(),
            avutil.AV_PIX_FMT_RGB24,
            FILTER,
            null,
            null,
            (DoublePointer) null);
    if (context == null) {
      BytePointer name = avutil.av_get_pix_fmt_name(frame.format());
      throw new RefusedException(
          Reason.UNSUPPORTED_CODEC,
          "no conversion from pixel format " + (name == null ? "?" : name.getString()));
    }
    IntPointer matrix = swscale.sws_getCoefficients(frame.colorspace());
    int full = frame.color_range() == avutil.AVCOL_RANGE_JPEG ? 1 : 0;
    swscale.sws_setColorspaceDetails(
        context, matrix, full, matrix, 1, 0, FIXED_POINT_ONE, FIXED_POINT_ONE);
  }

  private byte[] pixels() {
    int line = scaled.width() * ClipGeometry.CHANNELS;
    byte[] pixels = new byte[line * scaled.height()];
    BytePointer data = scaled.data(0);
    for (int row = 0; row < scaled.height(); row++) {
      data.position((long) row * scaled.linesize(0)).get(pixels, row * line, line);
    }
    return pixels;
  }

  @Override
  public void close() {
    swscale.sws_freeContext(context);
    avutil.av_frame_free(scaled);
  }

  /**
   * How a stored picture is turned to be shown: one of the eight ways to lay a rectangle on itself
   * or on its upright. Any other angle becomes the nearest of these.
   *
   * @param transpose whether stored rows are shown as columns
   * @param flipX whether the shown picture runs from right to left
   * @param flipY whether the shown picture runs from bottom to top
   */
  record Orientation(boolean transpose, boolean flipX, boolean flipY) {
    static final Orientation UPRIGHT = new Orientation(false, false, false);

    /** The one of a frame's display matrix: shown x = a · x + c · y, shown y = b · x + d · y. */
    static Orientation of(AVFrame frame) {
      AVFrameSideData side =
          avutil.av_frame_get_side_data(frame, avutil.AV_FRAME_DATA_DISPLAYMATRIX);
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

    /** Turns one frame; the given one if it is upright already. */
    Frames show(Frames stored) {
      if (equals(UPRIGHT)) {
        return stored;
      }
      int rows = transpose ? stored.width() : stored.height();
      int columns = transpose ? stored.height() : stored.width();
      byte[] shown = new byte[stored.bytes().length];
      int to = 0;
      for (int row = 0; row < rows; row++) {
        int v = flipY ? rows - 1 - row : row;
        for (int column = 0; column < columns; column++) {
          int u = flipX ? columns - 1 - column : column;
          int from = transpose ? stored.offset(0, u, v) : stored.offset(0, v, u);
          System.arraycopy(stored.bytes(), from, shown, to, ClipGeometry.CHANNELS);
          to += ClipGeometry.CHANNELS;
        }
      }
      return new Frames(1, rows, columns, shown);
    }
  }
}
