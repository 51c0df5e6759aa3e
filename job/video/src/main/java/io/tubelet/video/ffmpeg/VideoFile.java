package io.tubelet.video.ffmpeg;

import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_get_name;
import static org.bytedeco.ffmpeg.global.avformat.AVSEEK_FLAG_BACKWARD;
import static org.bytedeco.ffmpeg.global.avformat.av_probe_input_buffer2;
import static org.bytedeco.ffmpeg.global.avformat.av_read_frame;
import static org.bytedeco.ffmpeg.global.avformat.av_seek_frame;
import static org.bytedeco.ffmpeg.global.avformat.avformat_alloc_context;
import static org.bytedeco.ffmpeg.global.avformat.avformat_close_input;
import static org.bytedeco.ffmpeg.global.avformat.avformat_find_stream_info;
import static org.bytedeco.ffmpeg.global.avformat.avformat_open_input;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EAGAIN;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EOF;
import static org.bytedeco.ffmpeg.global.avutil.AV_LOG_QUIET;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_free;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_set;
import static org.bytedeco.ffmpeg.global.avutil.av_log_set_level;
import static org.bytedeco.ffmpeg.global.avutil.av_max_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_q2d;

import io.tubelet.video.source.Deadline;
import io.tubelet.video.source.DecodeLimits;
import io.tubelet.video.source.Reason;
import io.tubelet.video.source.RefusedException;
import io.tubelet.video.source.VideoSource;
import java.util.Set;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVInputFormat;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVRational;

/**
 * A container opened at its video stream: the packets of that stream, in the file's order. What a
 * file <em>is</em> is told by its first bytes, never by its name.
 */
public final class VideoFile implements AutoCloseable {
  /**
   * FFmpeg's names; a playlist, a picture or a script is none of them. The second half are streams
   * without a container, and {@code ivf} is also how a folder of pictures comes.
   */
  private static final Set<String> CONTAINERS =
      Set.of(
          "mov,mp4,m4a,3gp,3g2,mj2",
          "matroska,webm",
          "avi",
          "mpegts",
          "mpeg",
          "flv",
          "asf",
          "ogg",
          "gif",
          "mxf",
          "ivf",
          "h264",
          "hevc",
          "m4v",
          "mpegvideo");

  /**
   * One native allocation. An honest file needs at most a plane of the largest frame in 16 bits;
   * what is refused here are the tables and pictures that a header only claims to have.
   */
  private static final long LARGEST_ALLOCATION = 160L << 20;

  static {
    av_log_set_level(AV_LOG_QUIET);
    av_max_alloc(LARGEST_ALLOCATION);
  }

  private final ByteInput input;
  private final AVFormatContext format = avformat_alloc_context();
  private AVStream stream;
  private int errors;

  private VideoFile(ByteInput input) {
    this.input = input;
  }

  /**
   * Opens the container and finds its video stream.
   *
   * @throws RefusedException with every reason but {@link Reason#NO_FRAMES}
   */
  public static VideoFile open(VideoSource source, DecodeLimits limits, Deadline deadline)
      throws RefusedException {
    VideoFile file = new VideoFile(ByteInput.open(source, deadline));
    try {
      file.openContainer();
      file.stream = StreamChoice.of(file.format);
      file.requireSize(limits);
      return file;
    } catch (RefusedException e) {
      try (file) {
        file.input.check(); // a storage that fails looks like a damaged header
      }
      throw e;
    }
  }

  private void openContainer() throws RefusedException {
    AVInputFormat kind = new AVInputFormat(null);
    int score = av_probe_input_buffer2(input.context(), kind, "", null, 0, 0);
    if (score < 0 || kind.isNull()) {
      throw new RefusedException(Reason.NOT_MEDIA, "not a media file");
    }
    String name = kind.name().getString();
    if (!CONTAINERS.contains(name)) {
      throw new RefusedException(Reason.NOT_MEDIA, "not a video container, but " + name);
    }
    format.pb(input.context());
    AVDictionary options = new AVDictionary(null);
    av_dict_set(options, "protocol_whitelist", "none", 0); // should a demuxer want another file
    av_dict_set(options, "format_whitelist", name, 0);
    int opened = avformat_open_input(format, "", kind, options);
    av_dict_free(options);
    if (opened < 0) {
      throw new RefusedException(Reason.UNREADABLE, "damaged or cut off header of " + name);
    }
    if (avformat_find_stream_info(format, (AVDictionary) null) < 0) {
      throw new RefusedException(Reason.UNREADABLE, "streams of " + name + " cannot be told apart");
    }
  }

  private void requireSize(DecodeLimits limits) throws RefusedException {
    long width = parameters().width();
    long height = parameters().height();
    if (width * height > limits.pixels()) {
      throw new RefusedException(
          Reason.TOO_LARGE,
          "frames of %d x %d, at most %d pixels".formatted(width, height, limits.pixels()));
    }
  }

  /**
   * The next packet of the video stream.
   *
   * @return false at the end, be it the file's or that of its readable part ({@link #errors})
   * @throws RefusedException if the time is over or the storage fails
   */
  boolean read(AVPacket packet) throws RefusedException {
    while (true) {
      int result = av_read_frame(format, packet);
      input.check();
      if (result >= 0 && packet.stream_index() == stream.index()) {
        return true;
      }
      if (result >= 0) {
        av_packet_unref(packet);
      } else if (result != AVERROR_EAGAIN()) {
        errors += result == AVERROR_EOF ? 0 : 1;
        return false;
      }
    }
  }

  /** Goes to the last key frame not after {@code timestamp}, as far as the container can tell. */
  boolean seek(long timestamp) {
    return av_seek_frame(format, stream.index(), timestamp, AVSEEK_FLAG_BACKWARD) >= 0;
  }

  /** 1 if reading ended before the file's end. */
  int errors() {
    return errors;
  }

  AVStream stream() {
    return stream;
  }

  /** FFmpeg's name of the container. */
  String container() {
    return format.iformat().name().getString();
  }

  /** Number of frames as the container says; 0 if it does not. */
  public long claimedFrames() {
    return stream.nb_frames();
  }

  /** Bytes of the file. */
  long size() {
    return input.size();
  }

  AVCodecParameters parameters() {
    return stream.codecpar();
  }

  /** FFmpeg's name of the codec. */
  public String codec() {
    return avcodec_get_name(parameters().codec_id()).getString();
  }

  /** Frames a second as the container says; 0 if it does not. */
  public double framesPerSecond() {
    AVRational rate = stream.avg_frame_rate();
    return rate.num() > 0 && rate.den() > 0 ? av_q2d(rate) : 0;
  }

  /** Seconds of one tick of a timestamp. */
  double tick() {
    return av_q2d(stream.time_base());
  }

  @Override
  public void close() {
    avformat_close_input(format);
    input.close();
  }
}
