package io.tubelet.spark.corpus;

import java.io.IOException;
import java.util.Arrays;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;

/** How a corpus says what is in it. */
public enum Format {
  /** A file is a CSV, a folder with folders has one per label, any other folder is flat. */
  AUTO,
  /** A CSV file with a header that has {@code path} and may have {@code label}. */
  CSV,
  /** A folder with one folder per label. */
  FOLDER,
  /** A folder of unlabelled videos. */
  FLAT;

  Format resolve(FileSystem files, FileStatus source) throws IOException {
    if (this != AUTO) {
      return this;
    }
    if (!source.isDirectory()) {
      return CSV;
    }
    FileStatus[] children = files.listStatus(source.getPath());
    return Arrays.stream(children).anyMatch(FileStatus::isDirectory) ? FOLDER : FLAT;
  }
}
