package io.tubelet.spark.corpus;

import java.io.Serializable;
import org.apache.hadoop.fs.Path;

/**
 * A video that somebody wants in a store.
 *
 * @param path where it is: the Hadoop path of a file, or of a folder of pictures
 * @param id its path relative to the corpus: its name for ever, also when the corpus moves
 * @param label the class's name, or the empty string
 */
public record SourceVideo(String path, String id, String label) implements Serializable {

  /** A video that a list names: relative to {@code base}, absolute, or a URI. */
  static SourceVideo listed(Path base, String path, String label) {
    // a colon may be part of a name, which Path would take for a scheme
    Path named = path.contains("://") ? new Path(path) : new Path(null, null, path);
    return new SourceVideo(new Path(base, named).toString(), path, label);
  }
}
