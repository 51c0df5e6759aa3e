package io.tubelet.spark.train;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/**
 * The local file system of a process that dies at its n-th change, or of a disk that is full after
 * n bytes. A dead process changes nothing any more, not even to clean up.
 */
public final class CrashingFileSystem extends LocalFileSystem {
  private static int changesLeft = Integer.MAX_VALUE;
  private static long bytesLeft = Long.MAX_VALUE;
  private static int changes;

  /** Made by Hadoop. */
  public CrashingFileSystem() {
    super(new Raw());
  }

  /** A configuration whose local files are of this kind. */
  static Configuration configuration() {
    Configuration hadoop = new Configuration();
    hadoop.set("fs.file.impl", CrashingFileSystem.class.getName());
    hadoop.setBoolean("fs.file.impl.disable.cache", true);
    return hadoop;
  }

  static synchronized void dieAtChange(int number) {
    changesLeft = number;
    changes = 0;
  }

  static synchronized void fillDiskAfter(long bytes) {
    bytesLeft = bytes;
  }

  static synchronized void recover() {
    changesLeft = Integer.MAX_VALUE;
    bytesLeft = Long.MAX_VALUE;
  }

  /** Changes since the last {@link #dieAtChange}. */
  static synchronized int changes() {
    return changes;
  }

  /** How many of these bytes there is still room for; several tasks write at once. */
  private static synchronized int take(int bytes) {
    int fits = (int) Math.min(bytes, bytesLeft);
    bytesLeft -= fits;
    return fits;
  }

  private static synchronized void change() throws IOException {
    changes++;
    if (--changesLeft < 0) {
      throw new IOException("the process is dead");
    }
  }

  private static final class Raw extends RawLocalFileSystem {
    @Override
    public FSDataOutputStream create(
        Path path,
        FsPermission permission,
        boolean overwrite,
        int bufferSize,
        short replication,
        long blockSize,
        Progressable progress)
        throws IOException {
      change();
      return new FSDataOutputStream(
          new Breaking(
              super.create(
                  path, permission, overwrite, bufferSize, replication, blockSize, progress)),
          null);
    }

    @Override
    public FSDataOutputStream create(
        Path path,
        boolean overwrite,
        int bufferSize,
        short replication,
        long blockSize,
        Progressable progress)
        throws IOException {
      change();
      return new FSDataOutputStream(
          new Breaking(super.create(path, overwrite, bufferSize, replication, blockSize, progress)),
          null);
    }

    /** Hadoop starts a process for it. */
    @Override
    public void setPermission(Path path, FsPermission permission) throws IOException {
      Files.setPosixFilePermissions(
          pathToFile(path).toPath(), PosixFilePermissions.fromString(permission.toString()));
    }

    @Override
    public boolean rename(Path from, Path to) throws IOException {
      change();
      return super.rename(from, to);
    }

    @Override
    public boolean delete(Path path, boolean recursive) throws IOException {
      change();
      return super.delete(path, recursive);
    }
  }

  private static final class Breaking extends FilterOutputStream {
    private static final int CHANGE_BYTES = 1 << 15;
    private long written;

    Breaking(OutputStream out) {
      super(out);
    }

    @Override
    public void write(int value) throws IOException {
      write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      if (written == 0 || written / CHANGE_BYTES != (written + length) / CHANGE_BYTES) {
        change();
      }
      written += length;
      int fits = take(length);
      out.write(bytes, from, fits);
      if (fits < length) {
        throw new IOException("No space left on device");
      }
    }
  }
}
