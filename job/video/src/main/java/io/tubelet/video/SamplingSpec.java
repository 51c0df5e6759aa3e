package io.tubelet.video;

import io.tubelet.clip.ClipGeometry;
import java.io.Serializable;

/**
 * What is wanted of each video.
 *
 * @param frames of one window
 * @param stride frames of the video from one frame of a window to the next; 4 for Kinetics-400 and
 *     UCF101, 2 for Something-Something V2 (arXiv 2203.12602, section 4)
 * @param windows per video
 * @param uniform whether a window's frames are spread over the whole video, whatever the stride, as
 *     TSN does (arXiv 1608.00859), instead of lying close together
 * @param shortSide stored length of a frame's short side, in pixels
 */
public record SamplingSpec(int frames, int stride, int windows, boolean uniform, int shortSide)
    implements Serializable {
  /** Long side over short side; a longer side's surplus is cut off at both ends, alike. */
  public static final int MOST_ASPECT = 4;

  /** Frames that lie close together. */
  public SamplingSpec(int frames, int stride, int windows, int shortSide) {
    this(frames, stride, windows, false, shortSide);
  }

  /**
   * @throws IllegalArgumentException if a window could be larger than an array
   */
  public SamplingSpec {
    double frame = (double) shortSide * shortSide * MOST_ASPECT;
    if (frame * frames * ClipGeometry.CHANNELS > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "%d frames, short side %d, at an aspect of up to %d do not fit an array"
              .formatted(frames, shortSide, MOST_ASPECT));
    }
  }
}
