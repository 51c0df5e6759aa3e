package io.tubelet.video;

import io.tubelet.video.ffmpeg.FrameIndex;
import io.tubelet.video.ffmpeg.FrameReader;
import io.tubelet.video.ffmpeg.FrameScaler;
import io.tubelet.video.ffmpeg.VideoFile;
import io.tubelet.video.source.Deadline;
import io.tubelet.video.source.DecodeLimits;
import io.tubelet.video.source.RefusedException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.ffmpeg.avutil.AVFrame;

/** One pass through a file: decodes its frames one by one, and scales and keeps the wanted ones. */
final class FramePass implements AutoCloseable {
  private static final long NOT_SOUGHT = Long.MAX_VALUE;

  private final FrameIndex index;
  private final VideoFile file;
  private final FrameReader reader;
  private final FrameScaler scaler;
  private final Map<Integer, byte[]> kept = new HashMap<>();

  /**
   * @param file not closed by the pass: just opened, or the one whose table the index is
   * @throws RefusedException if there is no decoder for it
   */
  FramePass(
      VideoFile file, FrameIndex index, FrameScaler scaler, DecodeLimits limits, Deadline deadline)
      throws RefusedException {
    this.index = index;
    this.scaler = scaler;
    this.file = file;
    this.reader = FrameReader.open(file, limits, deadline);
  }

  /**
   * Decodes all frames.
   *
   * @param wanted frame indices, ascending
   * @return as many of them as there are; the number of frames is the number that decoded
   */
  Harvest whole(int[] wanted) throws RefusedException {
    int frames = 0;
    int next = 0;
    for (AVFrame frame = reader.next(); frame != null; frame = reader.next()) {
      scaler.look(frame);
      if (next < wanted.length && wanted[next] == frames) {
        kept.put(frames, scaler.scale(frame));
        next++;
      }
      frames++;
    }
    return harvest(frames);
  }

  /**
   * Decodes from the key frame before each wanted frame, and not at all where none is wanted.
   *
   * @param wanted frame indices, ascending
   * @return all of them; or empty if one was not found where its timestamp says it should be
   */
  Optional<Harvest> sought(int[] wanted) throws RefusedException {
    reader.want(Arrays.stream(wanted).mapToLong(index::timeOf).toArray());
    int at = index.counted() ? 0 : -1; // the frame that comes next if nothing is sought
    for (int frame : wanted) {
      int key = index.keyBefore(frame);
      boolean jump = index.framesBefore(key) > at;
      if (jump && !reader.seek(index.seekTime(key))) {
        return Optional.empty();
      }
      if (!walkTo(frame, jump ? index.keyTime(key) : NOT_SOUGHT)) {
        return Optional.empty();
      }
      at = frame + 1;
    }
    return Optional.of(harvest(index.count()));
  }

  /**
   * Decodes up to a frame.
   *
   * @param keyTime of the frame that must come on the way, or be the wanted one, and be what its
   *     container says: one that needs no other
   */
  private boolean walkTo(int wanted, long keyTime) throws RefusedException {
    boolean sound = keyTime == NOT_SOUGHT;
    for (AVFrame frame = reader.next(); frame != null; frame = reader.next()) {
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
      scaler.look(frame);
    }
    return false;
  }

  private Harvest harvest(int frames) {
    double rate = file.framesPerSecond();
    double seconds = index.seconds();
    VideoInfo info =
        new VideoInfo(
            file.codec(),
            scaler.sourceWidth(),
            scaler.sourceHeight(),
            rate > 0 || seconds == 0 ? rate : index.count() / seconds,
            seconds > 0 || rate == 0 ? seconds : frames / rate,
            frames,
            reader.errors());
    return new Harvest(info, kept, scaler.height(), scaler.width());
  }

  @Override
  public void close() {
    reader.close();
  }
}
