package io.tubelet.video;

import io.tubelet.clip.Frames;
import java.io.Serializable;
import java.util.List;

/** What a source gives: windows of frames, or a reason why not. */
public sealed interface Decoded extends Serializable {

  /**
   * The windows that were asked for.
   *
   * @param starts index of each window's first frame in the video
   * @param windows all of one size
   */
  record Clips(VideoInfo info, List<Integer> starts, List<Frames> windows) implements Decoded {
    /** Copies the lists. */
    public Clips {
      starts = List.copyOf(starts);
      windows = List.copyOf(windows);
    }
  }

  /**
   * Nothing.
   *
   * @param reason for counting
   * @param detail for people: what was found, after the source's name
   */
  record Refused(Reason reason, String detail) implements Decoded {}
}
