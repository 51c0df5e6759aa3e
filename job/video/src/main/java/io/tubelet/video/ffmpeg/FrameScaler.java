package io.tubelet.video.ffmpeg;

import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_JPEG;
import static org.bytedeco.ffmpeg.global.avutil.AV_FRAME_CROP_UNALIGNED;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_RGB24;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_apply_cropping;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_buffer;
import static org.bytedeco.ffmpeg.global.avutil.av_get_pix_fmt_name;
import static org.bytedeco.ffmpeg.global.swscale.SWS_ACCURATE_RND;
import static org.bytedeco.ffmpeg.global.swscale.SWS_BILINEAR;
import static org.bytedeco.ffmpeg.global.swscale.SWS_BITEXACT;
import static org.bytedeco.ffmpeg.global.swscale.SWS_FULL_CHR_H_INP;
import static org.bytedeco.ffmpeg.global.swscale.SWS_FULL_CHR_H_INT;
import static org.bytedeco.ffmpeg.global.swscale.sws_freeContext;
import static org.bytedeco.ffmpeg.global.swscale.sws_getCachedContext;
import static org.bytedeco.ffmpeg.global.swscale.sws_getCoefficients;
import static org.bytedeco.ffmpeg.global.swscale.sws_scale;
import static org.bytedeco.ffmpeg.global.swscale.sws_setColorspaceDetails;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.video.source.Reason;
import io.tubelet.video.source.RefusedException;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.IntPointer;

/**
 * Decoded frames to upright RGB bytes of one stored size, in one pass of swscale per frame.
 *
 * <p>The short side is scaled to a given length with a triangle filter, which is as wide as the
 * scaling asks and so does not alias; the long side keeps the picture's shape. A shape longer than
 * {@code aspect : 1} loses both its ends. Pixels are taken for square: a stream's sample aspect
 * ratio is not looked at. Matrix and range are those of the frame; a frame that names none is
 * BT.601 and limited. Ten bits become eight with rounding; alpha is left out.
 *
 * <p>The first frame decides size and orientation for the whole video; a later frame of another
 * size is scaled to the same.
 */
public final class FrameScaler implements AutoCloseable {
  private static final int FILTER =
      SWS_BILINEAR | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP | SWS_BITEXACT;

  /** A crop starts at a multiple of this, so that it falls between pixels of every chroma plane. */
  private static final int CROP_STEP = 8;

  private static final int FIXED_POINT_ONE = 1 << 16;

  private final int shortSide;
  private final int aspect;
  private final AVFrame scaled = av_frame_alloc();
  private Orientation orientation = Orientation.UPRIGHT;
  private int sourceHeight;
  private int sourceWidth;
  private SwsContext context;

  /**
   * @param shortSide of the stored frames, in pixels
   * @param aspect the longest shape kept whole, long side over short side
   */
  public FrameScaler(int shortSide, int aspect) {
    this.shortSide = shortSide;
    this.aspect = aspect;
  }

  /**
   * Scales and turns one frame.
   *
   * @param frame may lose its ends
   * @return RGB {@code [height, width, channel]} of {@link #height} and {@link #width}
   * @throws RefusedException {@link Reason#UNSUPPORTED_CODEC} if nothing converts from its format
   */
  public byte[] scale(AVFrame frame) throws RefusedException {
    look(frame);
    crop(frame);
    if (scaled.width() == 0) {
      allocate(frame);
    }
    prepare(frame);
    sws_scale(
        context,
        frame.data(),
        frame.linesize(),
        0,
        frame.height(),
        scaled.data(),
        scaled.linesize());
    return orientation.show(pixels(), scaled.height(), scaled.width());
  }

  /** Takes note of the first frame's size and orientation, for what is said of the video. */
  public void look(AVFrame frame) {
    if (sourceWidth == 0) {
      orientation = Orientation.of(frame);
      sourceHeight = orientation.transpose() ? frame.width() : frame.height();
      sourceWidth = orientation.transpose() ? frame.height() : frame.width();
    }
  }

  private void crop(AVFrame frame) {
    int longest = Math.multiplyExact(Math.min(frame.width(), frame.height()), aspect);
    int columns = Math.max(0, frame.width() - longest);
    int rows = Math.max(0, frame.height() - longest);
    if (columns + rows > 0) {
      int left = columns / 2 / CROP_STEP * CROP_STEP;
      int top = rows / 2 / CROP_STEP * CROP_STEP;
      frame.crop_left(left).crop_right(columns - left).crop_top(top).crop_bottom(rows - top);
      av_frame_apply_cropping(frame, AV_FRAME_CROP_UNALIGNED);
    }
  }

  private void allocate(AVFrame frame) {
    int side = Math.min(frame.width(), frame.height());
    scaled
        .format(AV_PIX_FMT_RGB24)
        .width(Math.round((float) frame.width() * shortSide / side))
        .height(Math.round((float) frame.height() * shortSide / side));
    if (av_frame_get_buffer(scaled, 0) < 0) {
      throw new OutOfMemoryError("no memory for a frame of %d pixels".formatted(shortSide));
    }
  }

  private void prepare(AVFrame frame) throws RefusedException {
    context =
        sws_getCachedContext(
            context,
            frame.width(),
            frame.height(),
            frame.format(),
            scaled.width(),
            scaled.height(),
            AV_PIX_FMT_RGB24,
            FILTER,
            null,
            null,
            (DoublePointer) null);
    if (context == null) {
      BytePointer name = av_get_pix_fmt_name(frame.format());
      throw new RefusedException(
          Reason.UNSUPPORTED_CODEC,
          "no conversion from pixel format " + (name == null ? "?" : name.getString()));
    }
    IntPointer matrix = sws_getCoefficients(frame.colorspace());
    int full = frame.color_range() == AVCOL_RANGE_JPEG ? 1 : 0;
    sws_setColorspaceDetails(context, matrix, full, matrix, 1, 0, FIXED_POINT_ONE, FIXED_POINT_ONE);
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

  /** Rows of a stored frame; 0 before the first {@link #scale}. */
  public int height() {
    return orientation.transpose() ? scaled.width() : scaled.height();
  }

  /** Columns of a stored frame; 0 before the first {@link #scale}. */
  public int width() {
    return orientation.transpose() ? scaled.height() : scaled.width();
  }

  /** Rows of the video as shown; 0 before the first frame. */
  public int sourceHeight() {
    return sourceHeight;
  }

  /** Columns of the video as shown; 0 before the first frame. */
  public int sourceWidth() {
    return sourceWidth;
  }

  @Override
  public void close() {
    sws_freeContext(context);
    av_frame_free(scaled);
  }
}
