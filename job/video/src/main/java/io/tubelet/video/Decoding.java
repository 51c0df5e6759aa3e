package io.tubelet.video;

import java.io.Serializable;

/** Where a file is decoded: in the calling thread or in a process that may die of it. */
public interface Decoding extends Serializable {

  /**
   * The windows of a file, or why there are none. Whatever the file contains, nothing is thrown.
   */
  Decoded decode(VideoSource source, Windows windows, DecodeLimits limits);
}
