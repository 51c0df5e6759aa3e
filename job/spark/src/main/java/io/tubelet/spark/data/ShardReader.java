package io.tubelet.spark.data;

import com.github.luben.zstd.Zstd;
import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.Frames;
import io.tubelet.spark.files.Failure.StateException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.apache.arrow.flatbuf.Buffer;
import org.apache.arrow.flatbuf.Footer;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.RecordBatch;
import org.apache.arrow.vector.TypeLayout;
import org.apache.arrow.vector.ipc.message.ArrowBlock;
import org.apache.arrow.vector.ipc.message.ArrowFooter;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.IOUtils;

/**
 * Reads clips of one shard by row. Arrow's tables say where the pixels are; they are read to where
 * they are wanted. Arrow's own reader takes twice as long, since it copies a clip through memory of
 * its own, and loses that memory where a file is damaged. Used by one thread; must be closed.
 */
final class ShardReader implements AutoCloseable {
  /** An Arrow file ends with the footer, its length and this. */
  private static final String MAGIC = "ARROW1";

  /** A message begins with a mark and its length. */
  private static final int PREFIX = 2 * Integer.BYTES;

  /** Java reads through a native buffer of as many bytes; one that stays in the caches. */
  private static final int CHUNK = 1 << 19;

  private final Path path;
  private final long size;
  private final FSDataInputStream in;
  private final ArrowFooter footer;

  /**
   * @throws StateException if the file is missing or no Arrow file
   */
  ShardReader(Configuration hadoop, Path path) {
    this.path = path;
    FSDataInputStream opened = null;
    try {
      FileSystem files = path.getFileSystem(hadoop);
      // without the checksums of local files: clips have their own, which are tested anyway
      files = files instanceof LocalFileSystem local ? local.getRawFileSystem() : files;
      size = files.getFileStatus(path).getLen();
      opened = files.open(path);
      in = opened;
      footer = footer();
    } catch (IOException | RuntimeException e) { // all kinds come of bytes that are damaged
      IOUtils.closeStream(opened);
      throw new StateException("cannot read shard " + path + ": " + e.getMessage(), e);
    }
  }

  private ArrowFooter footer() throws IOException {
    long end = size - MAGIC.length() - Integer.BYTES;
    ByteBuffer tail = numbers(end, Integer.BYTES + MAGIC.length());
    int length = tail.getInt();
    if (!StandardCharsets.US_ASCII.decode(tail).toString().equals(MAGIC)) {
      throw new IOException("no Arrow file, or cut off");
    }
    return new ArrowFooter(Footer.getRootAsFooter(numbers(end - length, length)));
  }

  /**
   * The frames of a clip.
   *
   * @param spare to hold the pixels if it has their length
   * @throws StateException if the shard has no such row, or the row cannot be read or is not what
   *     was written
   */
  Frames read(int row, byte[] spare) {
    try {
      ArrowBlock block = footer.getRecordBatches().get(row);
      ByteBuffer message = numbers(block.getOffset(), block.getMetadataLength());
      message = message.position(PREFIX).slice();
      RecordBatch batch = (RecordBatch) Message.getRootAsMessage(message).header(new RecordBatch());
      return new Batch(batch, block.getOffset() + block.getMetadataLength()).frames(spare);
    } catch (IOException | RuntimeException e) { // all kinds come of bytes that are damaged
      throw new StateException("shard %s, row %d: %s".formatted(path, row, e.getMessage()), e);
    }
  }

  /** The number of the buffer with a column's values, its last one; -1 without such a column. */
  private int buffer(String column) {
    int buffers = 0;
    for (Field field : footer.getSchema().getFields()) {
      buffers += TypeLayout.getTypeBufferCount(field.getType());
      if (field.getName().equals(column)) {
        return buffers - 1;
      }
    }
    return -1;
  }

  /** One clip: its tables say where in the body its columns are. */
  private final class Batch {
    private final RecordBatch tables;
    private final long body;

    Batch(RecordBatch tables, long body) {
      this.tables = tables;
      this.body = body;
    }

    Frames frames(byte[] spare) throws IOException {
      int time = number(ShardWriter.TIME);
      int height = number(ShardWriter.HEIGHT);
      int width = number(ShardWriter.WIDTH);
      long length = (long) time * height * width * ClipGeometry.CHANNELS;
      byte[] pixels = values(ShardWriter.PIXELS, length, spare);
      if (buffer(ShardWriter.CHECKSUM) >= 0 // old shards have none
          && number(ShardWriter.CHECKSUM) != ShardWriter.checksum(pixels)) {
        throw new IOException("its pixels are damaged");
      }
      return new Frames(time, height, width, pixels);
    }

    private int number(String column) throws IOException {
      byte[] value = values(column, Integer.BYTES, new byte[Integer.BYTES]);
      return ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).getInt();
    }

    /** The values of a column, in {@code spare} if there are as many. */
    private byte[] values(String column, long length, byte[] spare) throws IOException {
      Buffer buffer = tables.buffers(buffer(column));
      long at = body + buffer.offset();
      long stored = buffer.length();
      long unpacked = -1; // not packed
      if (tables.compression() != null) { // the buffer begins with its unpacked length, or -1
        unpacked = numbers(at, Long.BYTES).getLong();
        at += Long.BYTES;
        stored -= Long.BYTES;
      }
      long held = unpacked < 0 ? stored : unpacked;
      if (held != length) {
        throw new IOException("%s: %d bytes, expected %d".formatted(column, held, length));
      }
      if (unpacked < 0) {
        return bytes(at, length, spare);
      }
      byte[] values = spare.length == length ? spare : new byte[Math.toIntExact(length)];
      if (Zstd.decompress(values, bytes(at, stored, new byte[0])) != length) {
        throw new IOException("zstd decompression failed");
      }
      return values;
    }
  }

  /** A few bytes, to read little-endian numbers from. */
  private ByteBuffer numbers(long position, long length) throws IOException {
    return ByteBuffer.wrap(bytes(position, length, new byte[0])).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Some bytes of the file, in {@code spare} if it has their length. */
  private byte[] bytes(long position, long length, byte[] spare) throws IOException {
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

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      throw new StateException("cannot close shard " + path, e);
    }
  }
}
