package io.tubelet.spark.data;

import java.io.IOException;
import java.io.Serializable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * A video that somebody wants in a store. Its bytes are told from others by their number and time:
 * digests would cost reading a corpus once more.
 *
 * @param path where it is: the Hadoop path of a file, or of a folder of pictures
 * @param id its path relative to the corpus: its name for ever, also when the corpus moves
 * @param label the class's name, or the empty string
 * @param bytes length of its file, or of a folder's files; -1 if there is none, or nobody has
 *     looked
 * @param time when the file was changed, in milliseconds; differs between copies of a corpus
 */
public record SourceVideo(String path, String id, String label, long bytes, long time)
    implements Serializable {
  /** One that nobody has looked at. */
  public SourceVideo(String path, String id, String label) {
    this(path, id, label, -1, 0);
  }

  /** With its file's length and time, where there is a file that can be looked at. */
  SourceVideo look(Configuration hadoop) {
    Path file = new Path(path);
    try {
      FileSystem files = file.getFileSystem(hadoop);
      long changed = files.getFileStatus(file).getModificationTime();
      long length = files.getContentSummary(file).getLength();
      return new SourceVideo(path, id, label, length, changed);
    } catch (IOException | RuntimeException e) { // whatever a file system may throw
      return this;
    }
  }
}
