package io.tubelet.video;

import java.io.Serializable;

/**
 * A video file to windows of frames: in the calling thread or in a process that may die of it.
 *
 * <p>Holds no native memory between calls and may be shared by threads.
 */
public interface Decoding extends Serializable {

  /**
   * The windows of a file, or why there are none. Nothing that a file contains makes it throw, wait
   * beyond the time limit, or hold more than the limits allow.
   */
  Decoded decode(VideoSource source, Windows windows, DecodeLimits limits);

  /**
   * What one file may cost.
   *
   * @param pixels of one frame as coded; a larger one is refused. The decoder holds a codec's
   *     reference frames at this size: up to 16 of 1.5 bytes a pixel
   * @param frames of one file, 8 bytes of memory each, 100 a key frame; more are refused
   * @param seconds of wall time; then the file is refused
   * @param wholeFrames a file of at most this many frames is decoded from its first frame to its
   *     last, so that every damage is found; in a longer one the wanted frames are sought
   */
  record DecodeLimits(long pixels, int frames, int seconds, int wholeFrames)
      implements Serializable {

    /** 8192 x 4320 pixels, 4 million frames (37 hours at 30 a second), a minute, 1,000. */
    public static final DecodeLimits DEFAULT = new DecodeLimits(8192L * 4320, 4_000_000, 60, 1_000);
  }
}
