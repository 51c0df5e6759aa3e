package io.tubelet.spark.store;

import java.io.IOException;
import java.io.OutputStream;
import java.util.EnumSet;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.Options.CreateOpts;
import org.apache.hadoop.fs.Options.Rename;
import org.apache.hadoop.fs.Path;

/**
 * A file that appears whole or not at all: written aside in the same folder, closed, then renamed
 * over its target. A reader never sees half a file, and a writer that dies leaves only a hidden one
 * behind.
 */
public final class DurableFile {

  /** What to write. */
  @FunctionalInterface
  public interface Body {
    /** Writes everything; the stream is closed by the caller. */
    void writeTo(OutputStream out) throws IOException;
  }

  private DurableFile() {}

  /**
   * Writes {@code target}, replacing what stands there.
   *
   * @throws IOException naming the target, with nothing changed at the target
   */
  public static void write(Configuration hadoop, Path target, Body body) throws IOException {
    FileContext files = FileContext.getFileContext(target.toUri(), hadoop);
    Path aside = new Path(target.getParent(), "." + target.getName() + "." + UUID.randomUUID());
    try {
      EnumSet<CreateFlag> create = EnumSet.of(CreateFlag.CREATE);
      try (OutputStream out = files.create(aside, create, CreateOpts.createParent())) {
        body.writeTo(out);
      }
      files.rename(aside, target, Rename.OVERWRITE);
    } catch (IOException | RuntimeException e) {
      discard(files, aside, e);
      throw new IOException("cannot write " + target + ": " + e.getMessage(), e);
    }
  }

  private static void discard(FileContext files, Path aside, Exception cause) {
    try {
      files.delete(aside, false);
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }
}
