package io.tubelet.video;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.Frames;
import io.tubelet.video.source.Reason;
import io.tubelet.video.source.RefusedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What one pass through a file brought.
 *
 * @param pixels RGB {@code [height, width, channel]} of each wanted frame that came, by its index
 * @param height of the stored frames; 0 if none came
 * @param width of the stored frames; 0 if none came
 */
record Harvest(VideoInfo info, Map<Integer, byte[]> pixels, int height, int width) {

  /** Whether all frames of some windows came. */
  boolean covers(List<int[]> windows) {
    for (int frame : Windows.distinct(windows)) {
      if (!pixels.containsKey(frame)) {
        return false;
      }
    }
    return true;
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
    List<Integer> starts = new ArrayList<>();
    List<Frames> frames = new ArrayList<>();
    int frameBytes = height * width * ClipGeometry.CHANNELS;
    for (int[] window : windows) {
      byte[] bytes = new byte[window.length * frameBytes];
      for (int i = 0; i < window.length; i++) {
        System.arraycopy(pixels.get(window[i]), 0, bytes, i * frameBytes, frameBytes);
      }
      starts.add(window[0]);
      frames.add(new Frames(window.length, height, width, bytes));
    }
    return new Decoded.Clips(info, starts, frames);
  }
}
