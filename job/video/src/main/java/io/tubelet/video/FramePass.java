package io.tubelet.video;

import io.tubelet.clip.Frames;
import io.tubelet.video.Decoded.Reason;
import io.tubelet.video.Decoded.RefusedException;
import io.tubelet.video.Decoded.VideoInfo;
import io.tubelet.video.Decoding.DecodeLimits;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;

/**
 * One pass through a file: decodes its frames in order of presentation, and scales and keeps the
 * wanted ones. It decodes on the calling thread alone: the cluster's cores are kept busy with
 * files, and one thread gives the same frames always.
 *
 * <p>Interlaced frames come as they are stored, both fields woven together.
 */
final class FramePass implements AutoCloseable {
  private static final long NOT_SOUGHT = Long.MAX_VALUE;

  private final FrameIndex index;
  private final VideoFile file;
  private final FrameScaler scaler;
  private final AVCodecContext codec;
  private final AVPacket packet = avcodec.av_packet_alloc();
  private final AVFrame frame = avutil.av_frame_alloc();
  private final Map<Integer, Frames> kept = new HashMap<>();
  private long[] wantedTimes; // null: all
  private int errors;

  private FramePass(VideoFile file, AVCodec decoder, FrameIndex index, FrameScaler scaler) {
    this.file = file;
    this.codec = avcodec.avcodec_alloc_context3(decoder);
    this.index = index;
    this.scaler = scaler;
  }

  /**
   * Opens the decoder of a file that was just opened, and that the pass does not close.
   *
   * @throws RefusedException {@link Reason#UNSUPPORTED_CODEC}
   */
  static FramePass open(VideoFile file, FrameIndex index, int shortSide, DecodeLimits limits)
      throws RefusedException {
    AVCodec decoder = avcodec.avcodec_find_decoder(file.parameters().codec_id());
    if (decoder == null) {
      throw new RefusedException(Reason.UNSUPPORTED_CODEC, "no decoder for " + file.codec());
    }
    FramePass pass = new FramePass(file, decoder, index, new FrameScaler(shortSide));
    avcodec.avcodec_parameters_to_context(pass.codec, file.parameters());
    pass.codec.thread_count(1).max_pixels(limits.pixels());
    if (avcodec.avcodec_open2(pass.codec, decoder, (AVDictionary) null) < 0) {
      pass.close();
      throw new RefusedException(
          Reason.UNSUPPORTED_CODEC, "the decoder does not take this " + file.codec());
    }
    return pass;
  }

  /** The frames that a pass decoded, wanted and kept, by their index; all of one size. */
  record DecodedFrames(VideoInfo info, Map<Integer, Frames> frames) {

    /** Whether all frames of some windows came. */
    boolean covers(List<int[]> windows) {
      return Arrays.stream(Windows.distinct(windows)).allMatch(frames::containsKey);
    }

    /**
     * Lays the frames of each window one behind the other.
     *
     * @throws RefusedException if a frame did not come, though an earlier pass saw it
     */
    Decoded.Clips clips(List<int[]> windows) throws RefusedException {
      if (!covers(windows)) {
        throw new RefusedException(Reason.UNREADABLE, "gives other frames each time it is read");
      }
      return new Decoded.Clips(info, windows.stream().map(this::clip).toList());
    }

    private Frames clip(int[] window) {
      Frames first = frames.get(window[0]);
      int frameBytes = first.bytes().length;
      byte[] bytes = new byte[window.length * frameBytes];
      for (int i = 0; i < window.length; i++) {
        System.arraycopy(frames.get(window[i]).bytes(), 0, bytes, i * frameBytes, frameBytes);
      }
      return new Frames(window.length, first.height(), first.width(), bytes);
    }
  }

  /**
   * Decodes all frames, and keeps as many of the wanted ones, ascending, as there are; the number
   * of frames is the number that decoded.
   */
  DecodedFrames whole(int[] wanted) throws RefusedException {
    int count = 0;
    for (int next = 0; next(); count++) {
      scaler.inspect(frame);
      if (next < wanted.length && wanted[next] == count) {
        kept.put(count, scaler.scale(frame));
        next++;
      }
    }
    return decoded(count);
  }

  /**
   * Decodes from the key frame before each wanted frame. Frames that are not wanted and that no
   * other one is made from are skipped: half of a usual video need not be decoded on the way.
   *
   * @param wanted frame indices, ascending
   * @return empty if one was not found where its timestamp says it should be
   */
  Optional<DecodedFrames> sought(int[] wanted) throws RefusedException {
    wantedTimes = Arrays.stream(wanted).mapToLong(frame -> index.shown()[frame]).toArray();
    int next = 0; // the frame that comes if nothing is sought
    for (int at : wanted) {
      Map.Entry<Long, Long> key = index.keyBefore(at);
      boolean jump = index.shown()[next] < key.getKey();
      if (jump) {
        avcodec.avcodec_flush_buffers(codec);
      }
      if ((jump && !file.seek(key.getValue())) || !walkTo(at, jump ? key.getKey() : NOT_SOUGHT)) {
        return Optional.empty();
      }
      next = at + 1;
    }
    return Optional.of(decoded(index.count()));
  }

  /**
   * Decodes up to a frame.
   *
   * @param keyTime of the frame that must come on the way, or be the wanted one, and be what its
   *     container says: one that needs no other
   */
  private boolean walkTo(int wanted, long keyTime) throws RefusedException {
    boolean sound = keyTime == NOT_SOUGHT;
    while (next()) {
      int at = index.frameAt(frame.best_effort_timestamp());
      if (frame.best_effort_timestamp() == keyTime) {
        sound = (frame.flags() & AVFrame.AV_FRAME_FLAG_KEY) != 0;
      }
      if (at == wanted && sound) {
        kept.put(at, scaler.scale(frame));
        return true;
      }
      if (at < 0 || at >= wanted) {
        return false;
      }
      scaler.inspect(frame);
    }
    return false;
  }

  /** Decodes the next frame that decodes; false at the end. */
  private boolean next() throws RefusedException {
    while (true) {
      file.input.check();
      int result = avcodec.avcodec_receive_frame(codec, frame);
      if (result >= 0) {
        int flaws = frame.decode_error_flags() | (frame.flags() & AVFrame.AV_FRAME_FLAG_CORRUPT);
        errors += flaws == 0 ? 0 : 1;
        return true;
      }
      if (result == avutil.AVERROR_EOF) {
        return false;
      }
      if (result == avutil.AVERROR_EAGAIN()) {
        feed();
      } else {
        errors++;
      }
    }
  }

  private void feed() throws RefusedException {
    boolean more = file.read(packet);
    boolean wanted = wantedTimes == null || Arrays.binarySearch(wantedTimes, packet.pts()) >= 0;
    codec.skip_frame(wanted ? avcodec.AVDISCARD_DEFAULT : avcodec.AVDISCARD_NONREF);
    int result =
        avcodec.avcodec_send_packet(codec, more ? packet : null); // null: give the last frames
    errors += result < 0 && result != avutil.AVERROR_EOF ? 1 : 0;
    avcodec.av_packet_unref(packet);
  }

  private DecodedFrames decoded(int frames) {
    double rate = file.framesPerSecond();
    double seconds = index.seconds();
    VideoInfo info =
        new VideoInfo(
            file.codec(),
            scaler.sourceWidth,
            scaler.sourceHeight,
            rate > 0 || seconds == 0 ? rate : index.count() / seconds,
            seconds > 0 || rate == 0 ? seconds : frames / rate,
            frames,
            errors + file.errors);
    return new DecodedFrames(info, kept);
  }

  @Override
  public void close() {
    avutil.av_frame_free(frame);
    avcodec.av_packet_free(packet);
    avcodec.avcodec_free_context(codec);
    scaler.close();
  }
}
