package io.tubelet.spark.data;

import com.github.luben.zstd.Zstd;
import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.Frames;
import io.tubelet.spark.files.Failure.StateException;
import io.tubelet.video.Windows;
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

  private static final byte[] NONE = {};
  private static final int[] FIRST = {0};

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
  Frames read(int row, Windows window, byte[] spare) {
    try {
      ArrowBlock block = footer.getRecordBatches().get(row);
      ByteBuffer message = numbers(block.getOffset(), block.getMetadataLength());
      message = message.position(PREFIX).slice();
      RecordBatch batch = (RecordBatch) Message.getRootAsMessage(message).header(new RecordBatch());
      return frames(batch, block.getOffset() + block.getMetadataLength(), window, spare);
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

  /** Where the values of a column are; {@code unpacked} is their length, -1 if not packed. */
  private record Column(String name, long at, long stored, long unpacked) {
    long length() {
      return unpacked < 0 ? stored : unpacked;
    }
  }

  /** The tables of a clip say where in its body its columns are. */
  private Frames frames(RecordBatch tables, long body, Windows window, byte[] spare)
      throws IOException {
    int time = number(column(tables, body, ShardWriter.TIME));
    int height = number(column(tables, body, ShardWriter.HEIGHT));
    int width = number(column(tables, body, ShardWriter.WIDTH));
    int[] wanted = window.over(time).get(0);
    long frame = (long) height * width * ClipGeometry.CHANNELS;
    byte[] pixels = parts(column(tables, body, ShardWriter.PIXELS), time, frame, wanted, spare);
    if (buffer(ShardWriter.CHECKSUM) >= 0) { // old shards have none
      Column sums = column(tables, body, ShardWriter.CHECKSUM);
      boolean each = sums.length() > Integer.BYTES;
      require(pixels, sums, each ? time : 1, each ? wanted : FIRST);
    }
    return new Frames(wanted.length, height, width, pixels);
  }

  private void require(byte[] pixels, Column sums, int count, int[] wanted) throws IOException {
    ByteBuffer expected = littleEndian(parts(sums, count, Integer.BYTES, wanted, NONE));
    int length = pixels.length / wanted.length;
    for (int i = 0; i < wanted.length; i++) {
      if (expected.getInt() != ShardWriter.checksum(pixels, i * length, length)) {
        throw new IOException("its pixels are damaged");
      }
    }
  }

  private Column column(RecordBatch tables, long body, String name) throws IOException {
    Buffer buffer = tables.buffers(buffer(name));
    long at = body + buffer.offset();
    if (tables.compression() == null) {
      return new Column(name, at, buffer.length(), -1);
    }
    long unpacked = numbers(at, Long.BYTES).getLong(); // or -1
    return new Column(name, at + Long.BYTES, buffer.length() - Long.BYTES, unpacked);
  }

  private int number(Column column) throws IOException {
    return littleEndian(parts(column, 1, Integer.BYTES, FIRST, NONE)).getInt();
  }

  /** The wanted of all parts of a column, ascending, in {@code spare} if it has their length. */
  private byte[] parts(Column column, int count, long size, int[] wanted, byte[] spare)
      throws IOException {
    if (column.length() != count * size) {
      throw new IOException(
          "%s: %d bytes, expected %d".formatted(column.name, column.length(), count * size));
    }
    int length = Math.toIntExact(size);
    int all = Math.multiplyExact(wanted.length, length);
    byte[] parts = spare.length == all ? spare : new byte[all];
    if (column.unpacked < 0) {
      for (int i = 0, run; i < wanted.length; i += run) {
        run = run(wanted, i);
        read(column.at + wanted[i] * size, parts, i * length, run * size);
      }
      return parts;
    }
    byte[] whole = wanted.length == count ? parts : new byte[Math.multiplyExact(count, length)];
    if (Zstd.decompress(whole, bytes(column.at, column.stored)) != whole.length) {
      throw new IOException("zstd decompression failed");
    }
    for (int i = 0; i < wanted.length && whole != parts; i++) {
      System.arraycopy(whole, wanted[i] * length, parts, i * length, length);
    }
    return parts;
  }

  /** How many parts that lie one behind the other are wanted from one on. */
  private static int run(int[] wanted, int from) {
    int to = from + 1;
    while (to < wanted.length && wanted[to] == wanted[to - 1] + 1) {
      to++;
    }
    return to - from;
  }

  /** A few bytes, to read little-endian numbers from. */
  private ByteBuffer numbers(long position, long length) throws IOException {
    return littleEndian(bytes(position, length));
  }

  private static ByteBuffer littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private byte[] bytes(long position, long length) throws IOException {
    byte[] bytes = new byte[(int) Math.max(0, Math.min(length, size))];
    read(position, bytes, 0, length);
    return bytes;
  }

  private void read(long position, byte[] into, int from, long length) throws IOException {
    if (length < 0 || position < 0 || length > size - position) {
      throw new IOException("%d bytes at %d of %d".formatted(length, position, size));
    }
    in.seek(position);
    for (int at = 0; at < length; at += CHUNK) {
      in.readFully(into, from + at, (int) Math.min(CHUNK, length - at));
    }
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
