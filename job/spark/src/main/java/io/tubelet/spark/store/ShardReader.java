package io.tubelet.spark.store;

import io.tubelet.clip.Frames;
import io.tubelet.spark.failure.StateException;
import java.io.IOException;
import java.util.List;
import org.apache.arrow.compression.CommonsCompressionFactory;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowFileReader;
import org.apache.arrow.vector.ipc.message.ArrowBlock;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;

/** Reads clips of one shard by row. Used by one thread; must be closed. */
final class ShardReader implements AutoCloseable {
  /** What a clip may take in memory beyond the length of its file, so that damage takes no more. */
  private static final long DECOMPRESSED = 1L << 29;

  private final Path path;
  private final RootAllocator memory;
  private final ArrowFileReader file;
  private final List<ArrowBlock> blocks;
  private boolean damaged;

  /**
   * @throws StateException if the file is missing or no Arrow file
   */
  ShardReader(Configuration hadoop, Path path) {
    this.path = path;
    FSDataInputStream in = null;
    try {
      FileSystem files = unchecked(path.getFileSystem(hadoop));
      long size = files.getFileStatus(path).getLen();
      in = files.open(path);
      memory = new RootAllocator(2 * size + DECOMPRESSED);
      file =
          new ArrowFileReader(
              new HadoopChannel(in, size), memory, CommonsCompressionFactory.INSTANCE);
      blocks = file.getRecordBlocks();
    } catch (IOException | RuntimeException e) { // Arrow throws all kinds at bytes that are damaged
      closeQuietly(in, e);
      throw new StateException("cannot read shard " + path + ": " + e.getMessage(), e);
    }
  }

  /** Without the checksums of local files: clips have their own, which are tested anyway. */
  private static FileSystem unchecked(FileSystem files) {
    return files instanceof LocalFileSystem local ? local.getRawFileSystem() : files;
  }

  private static void closeQuietly(FSDataInputStream in, Exception cause) {
    try {
      if (in != null) {
        in.close();
      }
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }

  /**
   * The frames of a clip, copied.
   *
   * @throws StateException if the shard has no such row, or the row cannot be read or is not what
   *     was written
   */
  Frames read(int row) {
    try {
      if (row >= blocks.size() || !file.loadRecordBatch(blocks.get(row))) {
        throw new StateException("shard %s has no row %d".formatted(path, row));
      }
      VectorSchemaRoot batch = file.getVectorSchemaRoot();
      byte[] pixels = ((VarBinaryVector) batch.getVector(ArrowShard.PIXELS)).get(0);
      FieldVector checksum = batch.getVector(ArrowShard.CHECKSUM); // old shards have none
      if (checksum != null && ((IntVector) checksum).get(0) != ArrowShard.checksum(pixels)) {
        throw new IOException("its pixels are damaged");
      }
      return new Frames(
          ((IntVector) batch.getVector(ArrowShard.TIME)).get(0),
          ((IntVector) batch.getVector(ArrowShard.HEIGHT)).get(0),
          ((IntVector) batch.getVector(ArrowShard.WIDTH)).get(0),
          pixels);
    } catch (StateException e) {
      throw e;
    } catch (IOException | RuntimeException e) { // Arrow throws all kinds at bytes that are damaged
      damaged = true;
      throw new StateException("shard %s, row %d: %s".formatted(path, row, e.getMessage()), e);
    }
  }

  @Override
  public void close() {
    try {
      file.close();
      memory.close();
    } catch (IOException e) {
      throw new StateException("cannot close shard " + path, e);
    } catch (IllegalStateException e) {
      if (!damaged) { // Arrow loses memory where it stumbles over a damaged row
        throw e;
      }
    }
  }
}
