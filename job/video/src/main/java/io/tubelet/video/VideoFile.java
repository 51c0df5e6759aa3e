package io.tubelet.video;

import io.tubelet.video.Decoded.Reason;
import io.tubelet.video.Decoded.RefusedException;
import io.tubelet.video.Decoding.DecodeLimits;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.AVInputFormat;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;

/**
 * A container opened at its video stream, or pictures: the packets of that stream, in the file's
 * order. What a file <em>is</em> is told by its first bytes, never by its name.
 */
final class VideoFile implements AutoCloseable {
  /**
   * FFmpeg's names; a playlist, a picture or a script is none of them. The second half are streams
   * without a container.
   */
  private static final Set<String> CONTAINERS =
      Set.of(
          ("mov,mp4,m4a,3gp,3g2,mj2 matroska,webm avi mpegts mpeg flv asf ogg gif mxf "
                  + "ivf h264 hevc m4v mpegvideo")
              .split(" "));

  /**
   * One native allocation. An honest file needs at most a plane of the largest frame in 16 bits;
   * what is refused here are the tables and pictures that a header only claims to have.
   */
  private static final long LARGEST_ALLOCATION = 160L << 20;

  static {
    avutil.av_log_set_level(avutil.AV_LOG_QUIET);
    avutil.av_max_alloc(LARGEST_ALLOCATION);
  }

  /** Streams that are pictures attached as covers or thumbnails. */
  private static final int NO_VIDEO =
      avformat.AV_DISPOSITION_ATTACHED_PIC
          | avformat.AV_DISPOSITION_STILL_IMAGE
          | avformat.AV_DISPOSITION_TIMED_THUMBNAILS;

  final ByteInput input;
  private final AVIOContext reader;
  private final AVFormatContext format = avformat.avformat_alloc_context();
  private AVStream stream;

  /** 1 if reading ended before the file's end. */
  int errors;

  private VideoFile(ByteInput input) {
    this.input = input;
    this.reader = input.reader();
  }

  /**
   * Opens the container and finds its video stream. The input is read from its beginning and not
   * closed by the file.
   *
   * @throws RefusedException with every reason but {@link Reason#NO_FRAMES}
   */
  static VideoFile open(ByteInput input, DecodeLimits limits) throws RefusedException {
    VideoFile file = new VideoFile(input);
    try {
      file.openContainer();
      file.stream = file.video();
      long width = file.parameters().width();
      long height = file.parameters().height();
      if (width * height > limits.pixels()) {
        throw new RefusedException(
            Reason.TOO_LARGE,
            "frames of %d x %d, at most %d pixels".formatted(width, height, limits.pixels()));
      }
      return file;
    } catch (RefusedException e) {
      try (file) {
        input.check(); // a storage that fails looks like a damaged header
      }
      throw e;
    }
  }

  private void openContainer() throws RefusedException {
    Optional<String> pictures = input.content.pictures();
    AVInputFormat kind = pictures.isPresent() ? avformat.av_find_input_format("image2") : probed();
    String name = kind.name().getString();
    AVDictionary options = new AVDictionary(null);
    avutil.av_dict_set(options, "format_whitelist", name, 0);
    // a demuxer that is given bytes may not want another file
    avutil.av_dict_set(options, "protocol_whitelist", pictures.isPresent() ? "file" : "none", 0);
    format.pb(pictures.isPresent() ? null : reader);
    int opened = avformat.avformat_open_input(format, pictures.orElse(""), kind, options);
    avutil.av_dict_free(options);
    if (opened < 0) {
      throw new RefusedException(Reason.UNREADABLE, "damaged or cut off header of " + name);
    }
    if (avformat.avformat_find_stream_info(format, (AVDictionary) null) < 0) {
      throw new RefusedException(Reason.UNREADABLE, "streams of " + name + " cannot be told apart");
    }
  }

  private AVInputFormat probed() throws RefusedException {
    AVInputFormat kind = new AVInputFormat(null);
    int score = avformat.av_probe_input_buffer2(reader, kind, "", null, 0, 0);
    if (score < 0 || kind.isNull()) {
      throw new RefusedException(Reason.NOT_MEDIA, "not a media file");
    }
    String name = kind.name().getString();
    if (!CONTAINERS.contains(name)) {
      throw new RefusedException(Reason.NOT_MEDIA, "not a video container, but " + name);
    }
    return kind;
  }

  /** The first video stream marked as default, or else the first; the demuxer skips all others. */
  private AVStream video() throws RefusedException {
    AVStream chosen = null;
    boolean told = format.nb_streams() > 0;
    for (int i = 0; i < format.nb_streams(); i++) {
      AVStream next = format.streams(i);
      next.discard(avcodec.AVDISCARD_ALL);
      AVCodecParameters codec = next.codecpar();
      told &= codec.codec_id() != avcodec.AV_CODEC_ID_NONE || codec.codec_tag() != 0;
      boolean video =
          codec.codec_type() == avutil.AVMEDIA_TYPE_VIDEO && (next.disposition() & NO_VIDEO) == 0;
      if (video && (chosen == null || (isDefault(next) && !isDefault(chosen)))) {
        chosen = next;
      }
    }
    if (chosen == null && !told) {
      throw new RefusedException(
          Reason.UNREADABLE, "damaged or cut off index: it does not say what the streams are");
    } else if (chosen == null) {
      throw new RefusedException(
          Reason.NO_VIDEO_STREAM, "no video among %d streams".formatted(format.nb_streams()));
    }
    chosen.discard(avcodec.AVDISCARD_DEFAULT);
    return chosen;
  }

  private static boolean isDefault(AVStream stream) {
    return (stream.disposition() & avformat.AV_DISPOSITION_DEFAULT) != 0;
  }

  /**
   * The next packet of the video stream.
   *
   * @return false at the end, be it the file's or that of its readable part ({@link #errors})
   * @throws RefusedException if the time is over or the storage fails
   */
  boolean read(AVPacket packet) throws RefusedException {
    while (true) {
      int result = avformat.av_read_frame(format, packet);
      input.check();
      if (result >= 0 && packet.stream_index() == stream.index()) {
        return true;
      }
      if (result >= 0) {
        avcodec.av_packet_unref(packet);
      } else if (result != avutil.AVERROR_EAGAIN()) {
        errors += result == avutil.AVERROR_EOF ? 0 : 1;
        return false;
      }
    }
  }

  /** Goes to the last key frame not after {@code timestamp}, as far as the container can tell. */
  boolean seek(long timestamp) {
    int flags = avformat.AVSEEK_FLAG_BACKWARD;
    return avformat.av_seek_frame(format, stream.index(), timestamp, flags) >= 0;
  }

  AVCodecParameters parameters() {
    return stream.codecpar();
  }

  String codec() {
    return avcodec.avcodec_get_name(parameters().codec_id()).getString();
  }

  /** Frames a second as the container says; 0 if it does not. */
  double framesPerSecond() {
    AVRational rate = stream.avg_frame_rate();
    return rate.num() > 0 && rate.den() > 0 ? avutil.av_q2d(rate) : 0;
  }

  /** Seconds of one tick of a timestamp. */
  double tick() {
    return avutil.av_q2d(stream.time_base());
  }

  @Override
  public void close() {
    avformat.avformat_close_input(format);
    ByteInput.free(reader);
  }
}
