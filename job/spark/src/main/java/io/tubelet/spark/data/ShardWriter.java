package io.tubelet.spark.data;

import io.tubelet.clip.Frames;
import io.tubelet.spark.data.Corpus.SourceVideo;
import io.tubelet.spark.files.DurableFile;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.apache.arrow.compression.CommonsCompressionFactory;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.compression.CompressionUtil.CodecType;
import org.apache.arrow.vector.compression.NoCompressionCodec;
import org.apache.arrow.vector.ipc.ArrowFileWriter;
import org.apache.arrow.vector.ipc.message.IpcOption;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Writes clips to one shard: an Arrow IPC file with one record batch of one row a clip, so that a
 * clip is read by its (shard, row) without its neighbours. From Python:
 *
 * <pre>
 * import numpy as np, pyarrow as pa
 * clip = pa.ipc.open_file("store/shards/shard-00000.arrow").get_batch(row).to_pylist()[0]
 * pixels = np.frombuffer(clip["pixels"], np.uint8)
 * frames = pixels.reshape(clip["time"], clip["height"], clip["width"], 3)
 * </pre>
 *
 * Compressed shards are read by the same lines. The checksum of the pixels is tested with each
 * reading; a span, of which some frames are read, has one of each frame. Holds one clip at a time
 * off the heap; must be closed.
 */
public final class ShardWriter implements AutoCloseable {
  private static final ArrowType NUMBER = new ArrowType.Int(32, true);

  private static final int ALIGNMENT = 8;

  static final String ID = "id";
  static final String LABEL = "label";
  static final String TIME = "time";
  static final String HEIGHT = "height";
  static final String WIDTH = "width";
  static final String CHECKSUM = "crc32c";
  static final String PIXELS = "pixels";

  private static Schema schema(boolean spans) {
    return new Schema(
        List.of(
            Field.notNullable(ID, ArrowType.Utf8.INSTANCE),
            Field.notNullable(LABEL, ArrowType.Utf8.INSTANCE),
            Field.notNullable(TIME, NUMBER),
            Field.notNullable(HEIGHT, NUMBER),
            Field.notNullable(WIDTH, NUMBER),
            Field.notNullable(CHECKSUM, spans ? ArrowType.Binary.INSTANCE : NUMBER),
            Field.notNullable(PIXELS, ArrowType.Binary.INSTANCE)));
  }

  @FunctionalInterface
  public interface Body {
    void writeTo(ShardWriter shard) throws IOException;
  }

  private final RootAllocator memory = new RootAllocator();
  private final VectorSchemaRoot batch;
  private final ArrowFileWriter file;

  /** Writes the file of one shard, which appears whole or not at all; returns its SHA-256. */
  public static String write(Configuration hadoop, Path root, int shard, Recipe recipe, Body body)
      throws IOException {
    return DurableFile.digested(
        hadoop,
        CubeStore.shard(root, shard),
        out -> {
          // clips of a span are read in part
          try (ShardWriter writer = new ShardWriter(out, recipe.codec(), recipe.span() > 1)) {
            body.writeTo(writer);
            writer.file.end();
          }
        });
  }

  /**
   * Bytes that a shard becomes, told without its pixels: a shard of the same names and of one to
   * eight pixels a clip is written to nowhere, and what the clips have more is added. Exact for raw
   * windows; a compressed shard is smaller, one of spans has checksums more.
   */
  public static long size(List<SourceVideo> videos, int clips, long bytesPerClip) {
    int columns = 1;
    while ((3L * columns - bytesPerClip) % ALIGNMENT != 0) {
      columns++;
    }
    Frames few = new Frames(1, 1, columns, new byte[3 * columns]);
    DataOutputStream nowhere = new DataOutputStream(OutputStream.nullOutputStream());
    try (ShardWriter writer = new ShardWriter(nowhere, Recipe.Codec.RAW, false)) {
      for (SourceVideo video : videos) {
        for (int clip = 0; clip < clips; clip++) {
          writer.add(video.id() + "#" + clip, video.label(), few);
        }
      }
      writer.file.end();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return nowhere.size() + (long) videos.size() * clips * (bytesPerClip - 3L * columns);
  }

  private ShardWriter(OutputStream out, Recipe.Codec codec, boolean spans) throws IOException {
    batch = VectorSchemaRoot.create(schema(spans), memory);
    boolean zstd = codec == Recipe.Codec.ZSTD;
    file =
        new ArrowFileWriter(
            batch,
            null,
            Channels.newChannel(out),
            Map.of(),
            IpcOption.DEFAULT,
            zstd ? CommonsCompressionFactory.INSTANCE : NoCompressionCodec.Factory.INSTANCE,
            zstd ? CodecType.ZSTD : CodecType.NO_COMPRESSION);
    file.start();
  }

  /** Appends a clip; its row is the number of clips before it. */
  public void add(String id, String label, Frames frames) throws IOException {
    batch.clear();
    ((VarCharVector) batch.getVector(ID)).setSafe(0, utf8(id));
    ((VarCharVector) batch.getVector(LABEL)).setSafe(0, utf8(label));
    ((IntVector) batch.getVector(TIME)).setSafe(0, frames.time());
    ((IntVector) batch.getVector(HEIGHT)).setSafe(0, frames.height());
    ((IntVector) batch.getVector(WIDTH)).setSafe(0, frames.width());
    if (batch.getVector(CHECKSUM) instanceof IntVector one) {
      one.setSafe(0, checksum(frames.bytes(), 0, frames.bytes().length));
    } else {
      ((VarBinaryVector) batch.getVector(CHECKSUM)).setSafe(0, checksums(frames));
    }
    ((VarBinaryVector) batch.getVector(PIXELS)).setSafe(0, frames.bytes());
    batch.setRowCount(1);
    file.writeBatch();
  }

  static int checksum(byte[] pixels, int from, int length) {
    CRC32C crc = new CRC32C();
    crc.update(pixels, from, length);
    return (int) crc.getValue();
  }

  /** That of each frame, little-endian. */
  private static byte[] checksums(Frames frames) {
    ByteBuffer sums = ByteBuffer.allocate(Integer.BYTES * frames.time());
    for (int i = 0; i < frames.time(); i++) {
      sums.order(ByteOrder.LITTLE_ENDIAN)
          .putInt(checksum(frames.bytes(), frames.offset(i, 0, 0), frames.offset(1, 0, 0)));
    }
    return sums.array();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    batch.close();
    memory.close();
  }
}
