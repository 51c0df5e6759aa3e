package io.tubelet.spark.data;

import java.io.Serializable;

/**
 * How a source is read.
 *
 * @param format how it lists its videos
 * @param root folder that relative paths of a list start from; empty: the list's own folder
 * @param columns names of a table's columns
 */
public record Listing(Format format, String root, Columns columns) implements Serializable {

  /** How a corpus says what is in it. */
  public enum Format {
    /**
     * A table by its name, a file whose first line is {@code path number} is a list, any other file
     * a CSV; a folder with folders has one per label, any other folder is flat. One that holds
     * videos and folders is neither.
     */
    AUTO,
    /** A CSV file with a header. */
    CSV,
    /** A Parquet table. */
    PARQUET,
    /** Lines {@code path label}: the lists of VideoMAE and VideoMAE V2. */
    LIST,
    /**
     * Lines {@code folder frames label} or {@code folder start frames label}, as in VideoMAE V2.
     */
    FRAME_LIST,
    /** A folder with one folder per label. */
    FOLDER,
    /** A folder of unlabelled videos. */
    FLAT
  }

  /**
   * Names of a CSV's or a Parquet table's columns; others are passed over.
   *
   * @param path the videos
   * @param label their classes; the table may lack it
   * @param split which part a row belongs to; empty: there are no parts
   * @param part the part that is wanted
   */
  public record Columns(String path, String label, String split, String part)
      implements Serializable {}
}
