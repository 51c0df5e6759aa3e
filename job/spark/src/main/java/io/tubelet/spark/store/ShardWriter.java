package io.tubelet.spark.store;

import io.tubelet.clip.Frames;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
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
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** Writes clips to one shard, one record batch each. Holds one clip at a time off the heap. */
public final class ShardWriter implements AutoCloseable {

  /** What goes into a shard. */
  @FunctionalInterface
  public interface Body {
    /** Adds all clips. */
    void writeTo(ShardWriter shard) throws IOException;
  }

  private final RootAllocator memory = new RootAllocator();
  private final VectorSchemaRoot batch = VectorSchemaRoot.create(ArrowShard.SCHEMA, memory);
  private final ArrowFileWriter file;

  /**
   * Writes the file of one shard; it appears whole or not at all.
   *
   * @return its SHA-256
   */
  public static String write(
      Configuration hadoop, Path root, int shard, Recipe.Codec codec, Body body)
      throws IOException {
    MessageDigest sha = Digest.sha256();
    DurableFile.write(
        hadoop,
        CubeStore.shard(root, shard),
        out -> {
          OutputStream digested = new DigestOutputStream(new BufferedOutputStream(out), sha);
          try (ShardWriter writer = new ShardWriter(digested, codec)) {
            body.writeTo(writer);
            writer.end();
          }
          digested.flush();
        });
    return HexFormat.of().formatHex(sha.digest());
  }

  ShardWriter(OutputStream out, Recipe.Codec codec) throws IOException {
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
    ((VarCharVector) batch.getVector(ArrowShard.ID)).setSafe(0, utf8(id));
    ((VarCharVector) batch.getVector(ArrowShard.LABEL)).setSafe(0, utf8(label));
    ((IntVector) batch.getVector(ArrowShard.TIME)).setSafe(0, frames.time());
    ((IntVector) batch.getVector(ArrowShard.HEIGHT)).setSafe(0, frames.height());
    ((IntVector) batch.getVector(ArrowShard.WIDTH)).setSafe(0, frames.width());
    ((IntVector) batch.getVector(ArrowShard.CHECKSUM))
        .setSafe(0, ArrowShard.checksum(frames.bytes()));
    ((VarBinaryVector) batch.getVector(ArrowShard.PIXELS)).setSafe(0, frames.bytes());
    batch.setRowCount(1);
    file.writeBatch();
  }

  /** Completes the file. */
  void end() throws IOException {
    file.end();
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
