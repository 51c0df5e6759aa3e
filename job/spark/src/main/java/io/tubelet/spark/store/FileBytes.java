package io.tubelet.spark.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The bytes of a file at any place. Used by one thread; must be closed.
 *
 * @param in the file
 * @param size its length
 */
record FileBytes(FSDataInputStream in, long size) implements Closeable {
  /** Java reads through a native buffer of as many bytes; one that stays in the caches. */
  private static final int CHUNK = 1 << 19;

  /** Without the checksums of local files: clips have their own, which are tested anyway. */
  static FileBytes open(Configuration hadoop, Path path) throws IOException {
    FileSystem files = path.getFileSystem(hadoop);
    FileSystem unchecked =
        files instanceof LocalFileSystem local ? local.getRawFileSystem() : files;
    long size = unchecked.getFileStatus(path).getLen();
    return new FileBytes(unchecked.open(path), size);
  }

  /**
   * Some bytes, in {@code spare} if it has their length.
   *
   * @throws IOException if the file has no such bytes
   */
  byte[] read(long position, long length, byte[] spare) throws IOException {
    if (length < 0 || position < 0 || length > size - position) {
      throw new IOException("%d bytes at %d of %d".formatted(length, position, size));
    }
    byte[] bytes = spare.length == length ? spare : new byte[Math.toIntExact(length)];
    in.seek(position);
    for (int at = 0; at < length; at += CHUNK) {
      in.readFully(bytes, at, Math.min(CHUNK, bytes.length - at));
    }
    return bytes;
  }

  /** A few bytes, to read little-endian numbers from. */
  ByteBuffer numbers(long position, long length) throws IOException {
    byte[] bytes = read(position, length, new byte[0]);
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
