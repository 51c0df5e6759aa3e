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

  /** Of a source whose table, if it is one, has the usual columns and relative paths. */
  public static Listing usual(Format format) {
    return new Listing(format, "", Columns.USUAL);
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
      implements Serializable {
    /** Columns {@code path} and {@code label}, all rows. */
    public static final Columns USUAL = new Columns("path", "label", "", "");
  }
}
