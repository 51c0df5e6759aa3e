package io.tubelet.video.ffmpeg;

import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avformat.avformat_index_get_entries_count;
import static org.bytedeco.ffmpeg.global.avformat.avformat_index_get_entry;
import static org.bytedeco.ffmpeg.global.avutil.AV_NOPTS_VALUE;

import io.tubelet.video.source.DecodeLimits;
import io.tubelet.video.source.RefusedException;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVIndexEntry;
import org.bytedeco.ffmpeg.avformat.AVStream;

/**
 * The table of samples of an mp4 or mov file, which tells of a long video what is shown when
 * without its packets being read: a film on S3 need not be fetched whole for sixteen frames.
 *
 * <p>The table tells when a packet is decoded. That is also when it is shown, but for one shift, if
 * frames come in order; and if all are equally far apart, the times of showing are the same ones in
 * another order. A table of another kind is not used, nor is one that the first packets, the file's
 * length or an edit list contradicts; what it says of the rest is checked frame by frame where
 * frames are sought.
 */
final class SampleTable {
  /** More than any decoder holds back, twice. */
  private static final int HEAD = 64;

  private final long[] decoded;
  private final int[] keys;

  private SampleTable(long[] decoded, int[] keys) {
    this.decoded = decoded;
    this.keys = keys;
  }

  /**
   * The index as {@link FrameIndex#scan} would find it.
   *
   * @param file just opened; some packets are read
   * @return empty if the file has no table, a larger one than allowed, or one that cannot be relied
   *     on
   * @throws RefusedException if the first packets are encrypted or the storage fails
   */
  static Optional<FrameIndex> index(VideoFile file, DecodeLimits limits) throws RefusedException {
    AVStream stream = file.stream();
    int count = avformat_index_get_entries_count(stream);
    boolean complete = file.container().startsWith("mov,") && count == file.claimedFrames();
    boolean sized = count >= HEAD && count <= limits.frames();
    if (!complete || !sized || stream.start_time() == AV_NOPTS_VALUE) {
      return Optional.empty();
    }
    AVIndexEntry first = avformat_index_get_entry(stream, 0);
    long last = avformat_index_get_entry(stream, count - 1).address();
    if (last - first.address() != (count - 1L) * first.sizeof()) {
      return Optional.empty(); // then it is not the array as which it is read below
    }
    SampleTable table = new SampleTable(new long[count], new int[count]);
    int keys = table.fill(first, file.size());
    if (keys < 1 || !table.tellsWhatIsShown(file.parameters().video_delay() == 0)) {
      return Optional.empty();
    }
    FrameIndex index = table.shiftedTo(stream.start_time(), keys, file.tick());
    return begins(file, index) ? Optional.of(index) : Optional.empty();
  }

  /**
   * Copies the table.
   *
   * @return number of key frames; -1 if an edit list leaves a sample out, or if a key frame or the
   *     last one lies behind the end of the file
   */
  private int fill(AVIndexEntry entry, long size) {
    int found = 0;
    for (int i = 0; i < decoded.length; i++) {
      entry.position(i);
      int flags = entry.flags();
      boolean key = (flags & AVIndexEntry.AVINDEX_KEYFRAME) != 0;
      boolean looked =
          key || i == decoded.length - 1; // at each it would take as long as reading it
      if ((flags & AVIndexEntry.AVINDEX_DISCARD_FRAME) != 0
          || (looked && entry.pos() + entry.size() > size)) {
        return -1;
      }
      decoded[i] = entry.timestamp();
      if (key) {
        keys[found++] = i;
      }
    }
    return found;
  }

  private boolean tellsWhatIsShown(boolean inOrder) {
    long step = decoded[1] - decoded[0];
    return IntStream.range(1, decoded.length)
        .mapToLong(i -> decoded[i] - decoded[i - 1])
        .allMatch(gap -> gap > 0 && (inOrder || gap == step));
  }

  private FrameIndex shiftedTo(long start, int count, double tick) {
    long[] seeks = Arrays.stream(keys, 0, count).mapToLong(key -> decoded[key]).toArray();
    long shift = start - decoded[0];
    long[] shown = Arrays.stream(decoded).map(time -> time + shift).toArray();
    long[] shownKeys = Arrays.stream(seeks).map(time -> time + shift).toArray();
    return new FrameIndex(shown, shownKeys, seeks, tick, false);
  }

  /** Whether the first packets are shown when the table says. */
  private static boolean begins(VideoFile file, FrameIndex index) throws RefusedException {
    long[] times = new long[HEAD];
    AVPacket packet = av_packet_alloc();
    try {
      for (int i = 0; i < HEAD; i++) {
        if (!file.read(packet)) {
          return false;
        }
        FrameIndex.requireClear(packet);
        times[i] = packet.pts();
        av_packet_unref(packet);
      }
    } finally {
      av_packet_free(packet);
    }
    Arrays.sort(times);
    return IntStream.range(0, HEAD / 2).allMatch(i -> index.frameAt(times[i]) == i);
  }
}
