package io.tubelet.clip;

import java.io.Serializable;

/**
 * One training sample before cropping: the frames of one window of one video.
 *
 * @param id names the clip for ever: source path relative to its corpus, and the window's number.
 *     All randomness of a sample comes from (seed, epoch, id)
 * @param label index of the class, or {@link #UNLABELLED}
 * @param frames pixels at the stored size
 */
public record Clip(String id, int label, Frames frames) implements Serializable {
  /** The label of a clip that has none. */
  public static final int UNLABELLED = -1;
}
