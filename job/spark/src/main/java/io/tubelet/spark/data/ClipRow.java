package io.tubelet.spark.data;

import java.io.Serializable;

/**
 * What a store knows of one clip besides its pixels: a row of {@code clips.parquet}.
 *
 * @param id names the clip for ever: source path relative to its corpus, {@code #}, window number
 * @param source the video's path relative to its corpus
 * @param label the class's name, or the empty string
 * @param digest SHA-256 of the pixels
 */
public record ClipRow(
    String id, String source, String label, Video video, Place place, String digest)
    implements Serializable {

  /** Frames that could be decoded, their mean rate, and the stored size in pixels. */
  public record Video(int frames, double framesPerSecond, int width, int height)
      implements Serializable {}

  public record Place(int shard, int row) implements Serializable {}

  public boolean labelled() {
    return !label.isEmpty();
  }

  /** The index of this clip's class, or −1 if it has none. */
  public int labelIn(Labels labels) {
    return labelled() ? labels.index(label) : -1;
  }
}
