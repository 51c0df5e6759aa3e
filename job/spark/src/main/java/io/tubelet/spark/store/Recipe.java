package io.tubelet.spark.store;

import java.io.Serializable;

/**
 * Everything that decides a store's bytes, besides the videos' own. Two stores of one recipe are
 * the same store.
 *
 * @param sources SHA-256 over the corpus' ids, labels and order
 * @param frames frames of a clip
 * @param stride frames of the video from one of the clip's to the next
 * @param clips windows per video
 * @param windows how their starts are chosen
 * @param shortSide stored short side in pixels
 * @param shardClips most clips of a shard
 * @param seed of the windows
 */
public record Recipe(
    String sources,
    int frames,
    int stride,
    int clips,
    Windows windows,
    int shortSide,
    int shardClips,
    long seed)
    implements Serializable {

  /** How windows lie in a video. */
  public enum Windows {
    /** Starts drawn uniformly, for training. */
    RANDOM,
    /** Starts evenly spaced over the video, for evaluation. */
    EVEN
  }

  /** SHA-256 over all fields. */
  public String digest() {
    return Digest.of(toString());
  }
}
