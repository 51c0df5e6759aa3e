package io.tubelet.spark.files;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.UUID;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CommonPathCapabilities;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Options.Rename;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;

/**
 * A file that appears whole or not at all. A reader never sees half a file.
 *
 * <p>Where a stream can be aborted nothing is seen of it before it is closed (S3), so it is written
 * in its place: no rename, which S3 does not have. Elsewhere (HDFS, local disks) it is written
 * aside in the same folder, closed, then renamed over its target; a writer that dies leaves only a
 * hidden file behind.
 */
public final class DurableFile {

  @FunctionalInterface
  public interface Body {
    /** Writes everything; the stream is closed by the caller. */
    void writeTo(OutputStream out) throws IOException;
  }

  private DurableFile() {}

  /**
   * Writes {@code target}, replacing the file that is there.
   *
   * @throws IOException naming the target, with nothing changed at the target
   */
  public static void write(Configuration hadoop, Path target, Body body) throws IOException {
    FileSystem files = LocalFiles.quick(target.getFileSystem(hadoop), hadoop);
    if (files.hasPathCapability(target, CommonPathCapabilities.ABORTABLE_STREAM)) {
      writeInPlace(files, target, body);
      return;
    }
    Path aside = new Path(target.getParent(), "." + target.getName() + "." + UUID.randomUUID());
    try {
      try (OutputStream out = files.create(aside)) {
        body.writeTo(out);
      }
      replace(files, aside, target);
    } catch (IOException | RuntimeException | FSError e) { // the last: a full local disk
      discard(files, aside, e);
      throw new IOException("cannot write " + target + ": " + e.getMessage(), e);
    }
  }

  /** As {@link #write}, buffered; returns the SHA-256 of what was written. */
  public static String digested(Configuration hadoop, Path target, Body body) throws IOException {
    MessageDigest sha = DigestUtils.getSha256Digest();
    write(
        hadoop,
        target,
        out -> {
          OutputStream digested = new DigestOutputStream(new BufferedOutputStream(out), sha);
          body.writeTo(digested);
          digested.flush();
        });
    return HexFormat.of().formatHex(sha.digest());
  }

  private static void writeInPlace(FileSystem files, Path target, Body body) throws IOException {
    FSDataOutputStream out = files.create(target);
    try {
      body.writeTo(out);
      out.close();
    } catch (IOException | RuntimeException e) {
      out.abort();
      throw new IOException("cannot write " + target + ": " + e.getMessage(), e);
    }
  }

  /**
   * A local rename replaces a file by itself; FileContext's starts a process to look for links. A
   * checksum that lies beside the old file goes first. FileContext wants the whole of a path.
   */
  private static void replace(FileSystem files, Path aside, Path target) throws IOException {
    if (files instanceof LocalFileSystem local) {
      local.getRawFileSystem().delete(local.getChecksumFile(target), false);
      if (!files.rename(aside, target)) {
        throw new IOException("cannot rename " + aside);
      }
    } else {
      FileContext.getFileContext(files.getUri(), files.getConf())
          .rename(files.makeQualified(aside), files.makeQualified(target), Rename.OVERWRITE);
    }
  }

  private static void discard(FileSystem files, Path aside, Throwable cause) {
    try {
      files.delete(aside, false);
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }

  /**
   * Hadoop's local files, but that Java sets their permissions, and that none has a checksum beside
   * it: people edit them, and what must not change has a digest of its own. Where Hadoop has no
   * native library, which is the rule, it starts a process for each new file, 10 ms.
   */
  private static final class LocalFiles extends RawLocalFileSystem {

    /** The same files, written without processes if they are Hadoop's local ones. */
    static FileSystem quick(FileSystem files, Configuration hadoop) throws IOException {
      if (files.getClass() != LocalFileSystem.class) {
        return files;
      }
      LocalFileSystem quick = new LocalFileSystem(new LocalFiles());
      quick.initialize(files.getUri(), hadoop);
      quick.setWriteChecksum(false);
      return quick;
    }

    @Override
    public void setPermission(Path path, FsPermission permission) throws IOException {
      Files.setPosixFilePermissions(
          pathToFile(path).toPath(), PosixFilePermissions.fromString(permission.toString()));
    }
  }
}
