package io.tubelet.video.ffmpeg;

import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_DATA_ENCRYPTION_INFO;
import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_DISCARD;
import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_KEY;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_get_side_data;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avutil.AV_NOPTS_VALUE;

import io.tubelet.video.source.DecodeLimits;
import io.tubelet.video.source.Reason;
import io.tubelet.video.source.RefusedException;
import java.util.Arrays;
import java.util.Optional;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.javacpp.SizeTPointer;

/**
 * How many packets a video stream has, and which of them show when: found by reading them all
 * without decoding one, or in a long file told by a table that can be relied on.
 *
 * <p>Frame {@code i} in order of presentation is the packet with the i-th smallest timestamp.
 */
public final class FrameIndex {
  private final long[] shown;
  private final long[] keys;
  private final long[] seeks;
  private final double tick;
  private final boolean counted;

  /**
   * @param shown timestamps of all packets, ascending
   * @param keys timestamps of the key packets, ascending
   * @param seeks times at which the key packets are decoded, ascending
   * @param tick seconds of one unit of a timestamp
   * @param counted see {@link #counted}
   */
  FrameIndex(long[] shown, long[] keys, long[] seeks, double tick, boolean counted) {
    this.shown = shown;
    this.keys = keys;
    this.seeks = seeks;
    this.tick = tick;
    this.counted = counted;
  }

  /**
   * What the table of an mp4 or mov file tells, if it is of a kind that says what is shown when and
   * has no more frames than allowed.
   *
   * @param file just opened; its first packets are read
   * @throws RefusedException if they are encrypted, if the time is over, or if the storage fails
   */
  public static Optional<FrameIndex> listed(VideoFile file, DecodeLimits limits)
      throws RefusedException {
    return SampleTable.index(file, limits);
  }

  /**
   * Reads the file from where it stands to its end. What its header claims is not looked at.
   *
   * @throws RefusedException if there are more packets than allowed, if they are encrypted, if the
   *     time is over, or if the storage fails
   */
  public static FrameIndex scan(VideoFile file, DecodeLimits limits) throws RefusedException {
    Times shown = new Times();
    Times keys = new Times();
    Times seeks = new Times();
    AVPacket packet = av_packet_alloc();
    try {
      while (file.read(packet)) {
        requireClear(packet);
        if ((packet.flags() & AV_PKT_FLAG_DISCARD) == 0) { // else an edit list leaves it out
          shown.add(packet.pts());
        }
        if ((packet.flags() & AV_PKT_FLAG_KEY) != 0) {
          keys.add(packet.pts());
          seeks.add(packet.dts() == AV_NOPTS_VALUE ? packet.pts() : packet.dts());
        }
        av_packet_unref(packet);
        if (Math.max(shown.count, keys.count) > limits.frames()) {
          throw new RefusedException(
              Reason.TOO_LARGE, "more than %d frames".formatted(limits.frames()));
        }
      }
    } finally {
      av_packet_free(packet);
    }
    return new FrameIndex(shown.sorted(), keys.sorted(), seeks.sorted(), file.tick(), true);
  }

  static void requireClear(AVPacket packet) throws RefusedException {
    if (av_packet_get_side_data(packet, AV_PKT_DATA_ENCRYPTION_INFO, (SizeTPointer) null) != null) {
      throw new RefusedException(Reason.UNSUPPORTED_CODEC, "encrypted, and there is no key");
    }
  }

  /** Number of packets that an intact file shows as frames. */
  public int count() {
    return shown.length;
  }

  /** Whether all packets were read; otherwise a table is believed until frames are sought. */
  public boolean counted() {
    return counted;
  }

  /** Whether every packet has a timestamp of its own, so that a frame can be told by it. */
  public boolean seekable() {
    for (int i = 1; i < shown.length; i++) {
      if (shown[i] == shown[i - 1]) {
        return false;
      }
    }
    return shown.length > 0 && shown[0] != AV_NOPTS_VALUE && keys.length > 0;
  }

  /** The frame shown at a timestamp; -1 if there is none. */
  public int frameAt(long time) {
    return Math.max(-1, Arrays.binarySearch(shown, time));
  }

  /** When a frame is shown. */
  public long timeOf(int frame) {
    return shown[frame];
  }

  /** Number of the last key frame not behind a frame; 0 if there is none. */
  public int keyBefore(int frame) {
    int at = Arrays.binarySearch(keys, shown[frame]);
    return Math.max(0, at < 0 ? -at - 2 : at);
  }

  /** Where to seek for a key frame: most containers search by the time of decoding. */
  public long seekTime(int key) {
    return seeks[key];
  }

  /** The timestamp of a key frame. */
  public long keyTime(int key) {
    return keys[key];
  }

  /** How many frames are shown before a key frame. */
  public int framesBefore(int key) {
    int at = Arrays.binarySearch(shown, keys[key]);
    return at < 0 ? -at - 1 : at;
  }

  /** Seconds from the first frame's beginning to the last one's end; 0 without timestamps. */
  public double seconds() {
    int count = shown.length;
    if (count < 2 || shown[0] == AV_NOPTS_VALUE) {
      return 0;
    }
    return (shown[count - 1] - shown[0]) * tick * count / (count - 1);
  }

  private static final class Times {
    private long[] values = new long[256];
    private int count;

    void add(long value) {
      if (count == values.length) {
        values = Arrays.copyOf(values, 2 * count);
      }
      values[count++] = value;
    }

    long[] sorted() {
      long[] sorted = Arrays.copyOf(values, count);
      Arrays.sort(sorted);
      return sorted;
    }
  }
}
