package io.tubelet.video.encode;

import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_RGB24;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_buffer;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_make_writable;
import static org.bytedeco.ffmpeg.global.swscale.SWS_ACCURATE_RND;
import static org.bytedeco.ffmpeg.global.swscale.SWS_BILINEAR;
import static org.bytedeco.ffmpeg.global.swscale.SWS_BITEXACT;
import static org.bytedeco.ffmpeg.global.swscale.SWS_FULL_CHR_H_INP;
import static org.bytedeco.ffmpeg.global.swscale.sws_freeContext;
import static org.bytedeco.ffmpeg.global.swscale.sws_getContext;
import static org.bytedeco.ffmpeg.global.swscale.sws_scale;

import io.tubelet.clip.ClipGeometry;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;

/** RGB bytes to the YUV 4:2:0 frame that an encoder takes: BT.601, limited range. */
final class FramePainter implements AutoCloseable {
  private static final int FILTER =
      SWS_BILINEAR | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INP | SWS_BITEXACT;

  private final AVFrame rgb;
  private final AVFrame yuv;
  private final SwsContext context;

  FramePainter(int height, int width) {
    rgb = allocate(height, width, AV_PIX_FMT_RGB24);
    yuv = allocate(height, width, AV_PIX_FMT_YUV420P);
    context =
        sws_getContext(
            width,
            height,
            AV_PIX_FMT_RGB24,
            width,
            height,
            AV_PIX_FMT_YUV420P,
            FILTER,
            null,
            null,
            (DoublePointer) null);
  }

  private static AVFrame allocate(int height, int width, int pixelFormat) {
    AVFrame frame = av_frame_alloc();
    frame.format(pixelFormat).width(width).height(height);
    if (av_frame_get_buffer(frame, 0) < 0) {
      throw new OutOfMemoryError("no memory for a frame of %d x %d".formatted(height, width));
    }
    return frame;
  }

  /**
   * Converts one frame.
   *
   * @param pixels RGB {@code [height, width, channel]} from index {@code at}
   * @return valid until the next call
   */
  AVFrame paint(byte[] pixels, int at) {
    int line = rgb.width() * ClipGeometry.CHANNELS;
    BytePointer data = rgb.data(0);
    for (int row = 0; row < rgb.height(); row++) {
      data.position((long) row * rgb.linesize(0)).put(pixels, at + row * line, line);
    }
    av_frame_make_writable(yuv); // the encoder may still hold the one before
    sws_scale(context, rgb.data(), rgb.linesize(), 0, rgb.height(), yuv.data(), yuv.linesize());
    return yuv;
  }

  @Override
  public void close() {
    sws_freeContext(context);
    av_frame_free(rgb);
    av_frame_free(yuv);
  }
}
