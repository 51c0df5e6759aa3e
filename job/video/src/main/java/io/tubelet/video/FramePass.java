package io.tubelet.video;

import io.tubelet.clip.Frames;
import io.tubelet.geometry.ClipGeometry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
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
   * @param file not closed by the pass: just opened
   * @throws RefusedException if there is no decoder for it
   */
  FramePass(VideoFile file, FrameIndex index, int shortSide, DecodeLimits limits)
      throws RefusedException {
    this.index = index;
    this.file = file;
    this.reader = FrameReader.open(file, limits);
    this.scaler = new FrameScaler(shortSide, limits.aspect());
  }

  /**
   * The frames that a pass decoded and kept.
   *
   * @param pixels RGB {@code [height, width, channel]} of each wanted frame that came, by its index
   * @param height of the stored frames; 0 if none came
   * @param width of the stored frames; 0 if none came
   */
  record DecodedFrames(VideoInfo info, Map<Integer, byte[]> pixels, int height, int width) {

    /** Whether all frames of some windows came. */
    boolean covers(List<int[]> windows) {
      return Arrays.stream(Windows.distinct(windows)).allMatch(pixels::containsKey);
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
      List<Frames> frames = new ArrayList<>();
      int frameBytes = height * width * ClipGeometry.CHANNELS;
      for (int[] window : windows) {
        byte[] bytes = new byte[window.length * frameBytes];
        for (int i = 0; i < window.length; i++) {
          System.arraycopy(pixels.get(window[i]), 0, bytes, i * frameBytes, frameBytes);
        }
        frames.add(new Frames(window.length, height, width, bytes));
      }
      return new Decoded.Clips(info, windows.stream().map(window -> window[0]).toList(), frames);
    }
  }

  /**
   * Decodes all frames.
   *
   * @param wanted frame indices, ascending
   * @return as many of them as there are; the number of frames is the number that decoded
   */
  DecodedFrames whole(int[] wanted) throws RefusedException {
    int frames = 0;
    int next = 0;
    for (AVFrame frame = reader.next(); frame != null; frame = reader.next()) {
      scaler.inspect(frame);
      if (next < wanted.length && wanted[next] == frames) {
        kept.put(frames, scaler.scale(frame));
        next++;
      }
      frames++;
    }
    return decoded(frames);
  }

  /**
   * Decodes from the key frame before each wanted frame.
   *
   * @param wanted frame indices, ascending
   * @return all of them; or empty if one was not found where its timestamp says it should be
   */
  Optional<DecodedFrames> sought(int[] wanted) throws RefusedException {
    reader.want(Arrays.stream(wanted).mapToLong(index::timeOf).toArray());
    int next = 0; // the frame that comes if nothing is sought
    for (int frame : wanted) {
      Map.Entry<Long, Long> key = index.keyBefore(frame);
      boolean jump = index.framesBefore(key.getKey()) > next;
      if (jump && !reader.seek(key.getValue())) {
        return Optional.empty();
      }
      if (!walkTo(frame, jump ? key.getKey() : NOT_SOUGHT)) {
        return Optional.empty();
      }
      next = frame + 1;
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
      scaler.inspect(frame);
    }
    return false;
  }

  private DecodedFrames decoded(int frames) {
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
    return new DecodedFrames(info, kept, scaler.height(), scaler.width());
  }

  @Override
  public void close() {
    reader.close();
    scaler.close();
  }
}
