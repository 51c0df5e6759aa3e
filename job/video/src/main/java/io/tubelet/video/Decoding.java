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
}
