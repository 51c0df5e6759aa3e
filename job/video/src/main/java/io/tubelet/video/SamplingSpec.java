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
 * @param span most lengths of a window that are taken of the video instead of one, so that windows
 *     can be drawn from them later; as many as it has
 * @param uniform whether a window's frames are spread over the whole video, whatever the stride, as
 *     TSN does (arXiv 1608.00859), instead of lying close together
 * @param shortSide stored length of a frame's short side, in pixels
 */
public record SamplingSpec(
    int frames, int stride, int windows, int span, boolean uniform, int shortSide)
    implements Serializable {
  /** Long side over short side; a longer side's surplus is cut off at both ends, alike. */
  public static final int MOST_ASPECT = 4;

  /** Frames that lie close together. */
  public SamplingSpec(int frames, int stride, int windows, int shortSide) {
    this(frames, stride, windows, 1, false, shortSide);
  }

  /**
   * @throws IllegalArgumentException if a window could be larger than an array
   */
  public SamplingSpec {
    double frame = (double) shortSide * shortSide * MOST_ASPECT;
    if (frame * frames * span * ClipGeometry.CHANNELS > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "%d frames, short side %d, at an aspect of up to %d do not fit an array"
              .formatted(frames * span, shortSide, MOST_ASPECT));
    }
  }

  /** Frames that are taken for a window of a video of {@code length} frames. */
  int taken(int length) {
    int there = uniform ? length : Math.max(frames, length / stride);
    return span == 1 ? frames : Math.min(frames * span, there);
  }
}
