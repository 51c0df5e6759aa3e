package io.tubelet.video.encode;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_FLAG_BITEXACT;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_FLAG_GLOBAL_HEADER;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_FLAG_QSCALE;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_rescale_ts;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_encoder_by_name;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_from_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_packet;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_frame;
import static org.bytedeco.ffmpeg.global.avformat.av_interleaved_write_frame;
import static org.bytedeco.ffmpeg.global.avformat.av_write_trailer;
import static org.bytedeco.ffmpeg.global.avformat.avformat_alloc_output_context2;
import static org.bytedeco.ffmpeg.global.avformat.avformat_free_context;
import static org.bytedeco.ffmpeg.global.avformat.avformat_new_stream;
import static org.bytedeco.ffmpeg.global.avformat.avformat_write_header;
import static org.bytedeco.ffmpeg.global.avformat.avio_close_dyn_buf;
import static org.bytedeco.ffmpeg.global.avformat.avio_get_dyn_buf;
import static org.bytedeco.ffmpeg.global.avformat.avio_open_dyn_buf;
import static org.bytedeco.ffmpeg.global.avutil.AV_LOG_QUIET;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.FF_QP2LAMBDA;
import static org.bytedeco.ffmpeg.global.avutil.av_free;
import static org.bytedeco.ffmpeg.global.avutil.av_log_set_level;
import static org.bytedeco.ffmpeg.global.avutil.av_make_q;

import io.tubelet.clip.Frames;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.AVOutputFormat;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.javacpp.BytePointer;

/**
 * Frames to a video file in memory. The same frames give the same bytes: one thread, no date and no
 * program's name in the file.
 */
public final class VideoEncoder implements AutoCloseable {
  static {
    av_log_set_level(AV_LOG_QUIET);
  }

  private final AVFormatContext format = new AVFormatContext(null);
  private final AVPacket packet = av_packet_alloc();
  private final AVCodecContext codec;
  private final AVStream stream;
  private final FramePainter painter;
  private long frames;

  /**
   * @param height rows, even
   * @param width columns, even
   * @throws IllegalArgumentException if the size is odd, or FFmpeg has no such encoder or container
   */
  public VideoEncoder(Encoding encoding, int height, int width) {
    if (height < 16 || width < 16 || (height | width) % 2 != 0) {
      throw new IllegalArgumentException(
          "frames of %d x %d: sides must be even and at least 16".formatted(height, width));
    }
    AVCodec encoder = avcodec_find_encoder_by_name(encoding.codec());
    if (encoder == null
        || avformat_alloc_output_context2(
                format, (AVOutputFormat) null, encoding.container(), (String) null)
            < 0) {
      throw new IllegalArgumentException("no encoder or no container for " + encoding);
    }
    codec = avcodec_alloc_context3(encoder);
    stream = avformat_new_stream(format, encoder);
    painter = new FramePainter(height, width);
    codec.height(height).width(width);
    configure(encoding);
    require(avcodec_open2(codec, encoder, (AVDictionary) null), "opening the encoder");
    require(avcodec_parameters_from_context(stream.codecpar(), codec), "naming the stream");
    AVIOContext output = new AVIOContext(null);
    require(avio_open_dyn_buf(output), "opening the output");
    format.pb(output);
    require(avformat_write_header(format, (AVDictionary) null), "writing the header");
  }

  private void configure(Encoding encoding) {
    codec.pix_fmt(AV_PIX_FMT_YUV420P);
    codec.time_base(av_make_q(1, encoding.framesPerSecond()));
    codec.framerate(av_make_q(encoding.framesPerSecond(), 1));
    codec.gop_size(encoding.keyInterval()).max_b_frames(encoding.bFrames());
    codec.qmin(encoding.quantizer()).qmax(encoding.quantizer());
    codec.global_quality(encoding.quantizer() * FF_QP2LAMBDA);
    codec.thread_count(1);
    codec.flags(AV_CODEC_FLAG_BITEXACT | AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_QSCALE);
    format.flags(format.flags() | AVFormatContext.AVFMT_FLAG_BITEXACT);
    stream.time_base(codec.time_base());
    stream.avg_frame_rate(codec.framerate());
  }

  /** A whole file of some frames. */
  public static byte[] encode(Frames frames, Encoding encoding) {
    try (VideoEncoder encoder = new VideoEncoder(encoding, frames.height(), frames.width())) {
      for (int frame = 0; frame < frames.time(); frame++) {
        encoder.add(frames.bytes(), frames.offset(frame, 0, 0));
      }
      return encoder.finish();
    }
  }

  /**
   * Appends a frame.
   *
   * @param pixels RGB {@code [height, width, channel]} from index {@code at}
   */
  public void add(byte[] pixels, int at) {
    AVFrame frame = painter.paint(pixels, at);
    frame.pts(frames++);
    send(frame);
  }

  private void send(AVFrame frame) {
    require(avcodec_send_frame(codec, frame), "encoding a frame");
    while (avcodec_receive_packet(codec, packet) >= 0) {
      packet.stream_index(0).duration(1);
      av_packet_rescale_ts(packet, codec.time_base(), stream.time_base());
      require(av_interleaved_write_frame(format, packet), "writing a packet");
    }
  }

  /** Ends the file and gives its bytes. Nothing can be added afterwards. */
  public byte[] finish() {
    send(null);
    require(av_write_trailer(format), "writing the trailer");
    BytePointer written = new BytePointer((BytePointer) null);
    byte[] bytes = new byte[avio_get_dyn_buf(format.pb(), written)];
    written.get(bytes);
    return bytes;
  }

  private static void require(int result, String doing) {
    if (result < 0) {
      throw new IllegalStateException("%s failed: FFmpeg says %d".formatted(doing, result));
    }
  }

  @Override
  public void close() {
    BytePointer written = new BytePointer((BytePointer) null);
    avio_close_dyn_buf(format.pb(), written);
    av_free(written);
    painter.close();
    av_packet_free(packet);
    avcodec_free_context(codec);
    avformat_free_context(format);
  }
}
