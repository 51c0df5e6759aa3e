package io.tubelet.video;

import io.tubelet.video.Decoded.Reason;
import io.tubelet.video.Decoded.RefusedException;
import java.util.Arrays;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.SizeTPointer;

/**
 * How many packets a video stream has, and which of them show when: found by reading them all
 * without decoding one.
 *
 * <p>Frame {@code i} in order of presentation is the packet with the i-th smallest timestamp.
 *
 * @param shown timestamps of all packets that an intact file shows as frames, ascending; at least 1
 * @param keys for the timestamp of each key packet, the time at which it is decoded
 * @param tick seconds of one unit of a timestamp
 */
record FrameIndex(long[] shown, NavigableMap<Long, Long> keys, double tick) {

  /**
   * Reads a file to its end. What its header claims is not looked at.
   *
   * @param most packets allowed
   * @throws RefusedException if there are more or none, if they are encrypted, if the time is over,
   *     or if the storage fails
   */
  static FrameIndex scan(VideoFile file, int most) throws RefusedException {
    LongStream.Builder shown = LongStream.builder();
    NavigableMap<Long, Long> keys = new TreeMap<>();
    int count = 0;
    AVPacket packet = avcodec.av_packet_alloc();
    try {
      while (file.read(packet)) {
        requireClear(packet);
        long time = packet.pts();
        if ((packet.flags() & avcodec.AV_PKT_FLAG_DISCARD) == 0) { // else an edit list omits it
          shown.add(time);
          count++;
        }
        if ((packet.flags() & avcodec.AV_PKT_FLAG_KEY) != 0) {
          keys.put(time, packet.dts() == avutil.AV_NOPTS_VALUE ? time : packet.dts());
        }
        avcodec.av_packet_unref(packet);
        if (Math.max(count, keys.size()) > most) {
          throw new RefusedException(Reason.TOO_LARGE, "more than %d frames".formatted(most));
        }
      }
    } finally {
      avcodec.av_packet_free(packet);
    }
    if (count == 0) {
      throw new RefusedException(Reason.NO_FRAMES, "a video stream without a packet");
    }
    return new FrameIndex(shown.build().sorted().toArray(), keys, file.tick());
  }

  private static void requireClear(AVPacket packet) throws RefusedException {
    int encryption = avcodec.AV_PKT_DATA_ENCRYPTION_INFO;
    if (avcodec.av_packet_get_side_data(packet, encryption, (SizeTPointer) null) != null) {
      throw new RefusedException(Reason.UNSUPPORTED_CODEC, "encrypted, and there is no key");
    }
  }

  int count() {
    return shown.length;
  }

  /** Whether every packet has a timestamp of its own, so that a frame can be told by it. */
  boolean seekable() {
    return shown[0] != avutil.AV_NOPTS_VALUE
        && !keys.isEmpty()
        && IntStream.range(1, shown.length).noneMatch(i -> shown[i] == shown[i - 1]);
  }

  /** The frame shown at a timestamp; -1 if there is none. */
  int frameAt(long time) {
    return Math.max(-1, Arrays.binarySearch(shown, time));
  }

  /**
   * The frame that is shown some seconds after the first one's beginning; the last one behind it.
   */
  int at(double seconds) {
    long time = shown[0] + Math.round(seconds / tick);
    int found = Arrays.binarySearch(shown, time);
    return found >= 0 ? found : Math.max(0, -found - 2);
  }

  /**
   * The last key frame not behind a frame, or else the first one: when it is shown, and when it is
   * decoded, which is how most containers find it.
   */
  Map.Entry<Long, Long> keyBefore(int frame) {
    Map.Entry<Long, Long> key = keys.floorEntry(shown[frame]);
    return key == null ? keys.firstEntry() : key;
  }

  /** Seconds from the first frame's beginning to the last one's end; 0 without timestamps. */
  double seconds() {
    int count = shown.length;
    if (count < 2 || shown[0] == avutil.AV_NOPTS_VALUE) {
      return 0;
    }
    return (shown[count - 1] - shown[0]) * tick * count / (count - 1);
  }
}
