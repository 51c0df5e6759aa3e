package io.tubelet.spark.data;

import java.io.IOException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;

/** How a corpus says what is in it. */
public enum Format {
  /**
   * A table by its name, a file whose first line is {@code path number} is a list, any other file a
   * CSV; a folder with folders has one per label, any other folder is flat. One that holds videos
   * and folders is neither.
   */
  AUTO,
  /** A CSV file with a header. */
  CSV,
  /** A Parquet table. */
  PARQUET,
  /** Lines {@code path label}: the lists of VideoMAE and VideoMAE V2. */
  LIST,
  /** Lines {@code folder frames label} or {@code folder start frames label}, as in VideoMAE V2. */
  FRAME_LIST,
  /** A folder with one folder per label. */
  FOLDER,
  /** A folder of unlabelled videos. */
  FLAT;

  /** This one, or what the source looks like if it cannot be that. */
  Format resolve(FileSystem files, FileStatus source) throws IOException {
    boolean fits =
        switch (this) {
          case AUTO -> false;
          case CSV, PARQUET -> true;
          case LIST, FRAME_LIST -> !source.isDirectory();
          case FOLDER, FLAT -> source.isDirectory();
        };
    if (fits) {
      return this;
    }
    if (source.getPath().getName().endsWith(".parquet")) {
      return PARQUET;
    }
    if (!source.isDirectory()) {
      return CorpusReader.looksLikeAList(files, source.getPath()) ? LIST : CSV;
    }
    return FolderReader.hasFolders(files, source.getPath()) ? FOLDER : FLAT;
  }
}
