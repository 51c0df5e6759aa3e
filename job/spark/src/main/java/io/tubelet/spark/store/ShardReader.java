package io.tubelet.spark.store;

import com.github.luben.zstd.Zstd;
import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.Frames;
import io.tubelet.spark.failure.StateException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import org.apache.arrow.flatbuf.Block;
import org.apache.arrow.flatbuf.Buffer;
import org.apache.arrow.flatbuf.CompressionType;
import org.apache.arrow.flatbuf.Field;
import org.apache.arrow.flatbuf.Footer;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.RecordBatch;
import org.apache.arrow.flatbuf.Type;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Reads clips of one shard by row. Arrow's own reader copies a clip through memory of its own; this
 * one asks Arrow's tables where the pixels are and reads them to where they are wanted. Used by one
 * thread; must be closed.
 */
final class ShardReader implements AutoCloseable {
  /** An Arrow file ends with the footer, its length and {@code ARROW1}. */
  private static final byte[] MAGIC = {'A', 'R', 'R', 'O', 'W', '1'};

  /** A message begins with a mark and its length. */
  private static final int PREFIX = 2 * Integer.BYTES;

  private final Path path;
  private final FileBytes file;
  private final Footer footer;
  private final Map<String, Integer> columns = new HashMap<>(); // number of the first buffer

  /**
   * @throws StateException if the file is missing or no Arrow file
   */
  ShardReader(Configuration hadoop, Path path) {
    this.path = path;
    FileBytes opened = null;
    try {
      opened = FileBytes.open(hadoop, path);
      file = opened;
      footer = footer();
      nameColumns();
    } catch (IOException | RuntimeException e) { // all kinds come of bytes that are damaged
      closeQuietly(opened, e);
      throw new StateException("cannot read shard " + path + ": " + e.getMessage(), e);
    }
  }

  private static void closeQuietly(FileBytes file, Exception cause) {
    try {
      if (file != null) {
        file.close();
      }
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }

  private Footer footer() throws IOException {
    long end = file.size() - MAGIC.length - Integer.BYTES;
    ByteBuffer tail = file.numbers(end, Integer.BYTES + MAGIC.length);
    int length = tail.getInt();
    if (!tail.equals(ByteBuffer.wrap(MAGIC))) {
      throw new IOException("no Arrow file, or cut off");
    }
    return Footer.getRootAsFooter(file.numbers(end - length, length));
  }

  private void nameColumns() throws IOException {
    int buffer = 0;
    for (int i = 0; i < footer.schema().fieldsLength(); i++) {
      Field field = footer.schema().fields(i);
      columns.put(field.name(), buffer);
      buffer +=
          switch (field.typeType()) {
            case Type.Int -> 2; // which values are there, and the values
            case Type.Utf8, Type.Binary -> 3; // which are there, where they begin, and the values
            default -> throw new IOException("unknown type of column " + field.name());
          };
    }
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
      if (row >= footer.recordBatchesLength()) {
        throw new IOException("there are fewer rows");
      }
      return new Row(footer.recordBatches(row)).frames(spare);
    } catch (IOException | RuntimeException e) { // all kinds come of bytes that are damaged
      throw new StateException("shard %s, row %d: %s".formatted(path, row, e.getMessage()), e);
    }
  }

  /** One record batch: a message that says where its columns are, and the body they are in. */
  private final class Row {
    private final RecordBatch batch;
    private final long body;

    Row(Block block) throws IOException {
      body = block.offset() + block.metaDataLength();
      ByteBuffer message = file.numbers(block.offset(), block.metaDataLength());
      Message read = Message.getRootAsMessage(message.position(PREFIX).slice());
      if (read.headerType() != MessageHeader.RecordBatch) {
        throw new IOException("no record batch");
      }
      batch = (RecordBatch) read.header(new RecordBatch());
    }

    Frames frames(byte[] spare) throws IOException {
      int time = number(ArrowShard.TIME);
      int height = number(ArrowShard.HEIGHT);
      int width = number(ArrowShard.WIDTH);
      long length = (long) time * height * width * ClipGeometry.CHANNELS;
      byte[] pixels = values(columns.get(ArrowShard.PIXELS) + 2, length, spare);
      if (columns.containsKey(ArrowShard.CHECKSUM) // old shards have none
          && number(ArrowShard.CHECKSUM) != ArrowShard.checksum(pixels)) {
        throw new IOException("its pixels are damaged");
      }
      return new Frames(time, height, width, pixels);
    }

    private int number(String column) throws IOException {
      byte[] value = values(columns.get(column) + 1, Integer.BYTES, new byte[Integer.BYTES]);
      return ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).getInt();
    }

    /** The values of a buffer, in {@code spare} if there are as many. */
    private byte[] values(int number, long length, byte[] spare) throws IOException {
      Buffer buffer = batch.buffers(number);
      long at = body + buffer.offset();
      if (batch.compression() == null) {
        return plain(at, buffer.length(), length, spare);
      }
      // how many there are unpacked, or -1 where they are not packed since that would take more
      long unpacked = file.numbers(at, Long.BYTES).getLong();
      at += Long.BYTES;
      long stored = buffer.length() - Long.BYTES;
      return unpacked < 0
          ? plain(at, stored, length, spare)
          : unpack(file.read(at, stored, new byte[0]), unpacked, length, spare);
    }

    private byte[] plain(long at, long stored, long length, byte[] spare) throws IOException {
      requireLength(stored, length);
      return file.read(at, length, spare);
    }

    private byte[] unpack(byte[] packed, long unpacked, long length, byte[] spare)
        throws IOException {
      requireLength(unpacked, length);
      byte[] bytes = spare.length == length ? spare : new byte[Math.toIntExact(length)];
      boolean zstd = batch.compression().codec() == CompressionType.ZSTD;
      if (!zstd || Zstd.decompress(bytes, packed) != length) {
        throw new IOException("its values do not unpack");
      }
      return bytes;
    }

    private static void requireLength(long given, long expected) throws IOException {
      if (given != expected) {
        throw new IOException("%d bytes where %d belong".formatted(given, expected));
      }
    }
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw new StateException("cannot close shard " + path, e);
    }
  }
}
