package io.tubelet.spark.store;

import io.tubelet.clip.Frames;
import io.tubelet.spark.failure.StateException;
import java.io.IOException;
import java.util.List;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowFileReader;
import org.apache.arrow.vector.ipc.InvalidArrowFileException;
import org.apache.arrow.vector.ipc.message.ArrowBlock;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Reads clips of one shard by row. Used by one thread; must be closed. */
final class ShardReader implements AutoCloseable {
  private final Path path;
  private final RootAllocator memory = new RootAllocator();
  private final ArrowFileReader file;
  private final List<ArrowBlock> blocks;

  /**
   * @throws StateException if the file is missing or no Arrow file
   */
  ShardReader(Configuration hadoop, Path path) {
    this.path = path;
    ArrowFileReader opened = null;
    try {
      FileSystem files = path.getFileSystem(hadoop);
      long size = files.getFileStatus(path).getLen();
      opened = new ArrowFileReader(new HadoopChannel(files.open(path), size), memory);
      blocks = opened.getRecordBlocks();
      file = opened;
    } catch (IOException | InvalidArrowFileException e) {
      closeQuietly(opened, e);
      throw new StateException("cannot read shard " + path + ": " + e.getMessage(), e);
    }
  }

  private void closeQuietly(ArrowFileReader opened, Exception cause) {
    try {
      if (opened != null) {
        opened.close();
      }
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
    memory.close();
  }

  /**
   * The frames of a clip, copied.
   *
   * @throws StateException if the shard has no such row or the row cannot be read
   */
  Frames read(int row) {
    try {
      if (row >= blocks.size() || !file.loadRecordBatch(blocks.get(row))) {
        throw new StateException("shard %s has no row %d".formatted(path, row));
      }
      VectorSchemaRoot batch = file.getVectorSchemaRoot();
      return new Frames(
          ((IntVector) batch.getVector(ArrowShard.TIME)).get(0),
          ((IntVector) batch.getVector(ArrowShard.HEIGHT)).get(0),
          ((IntVector) batch.getVector(ArrowShard.WIDTH)).get(0),
          ((VarBinaryVector) batch.getVector(ArrowShard.PIXELS)).get(0));
    } catch (IOException | IllegalArgumentException e) {
      throw new StateException("shard %s, row %d: %s".formatted(path, row, e.getMessage()), e);
    }
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw new StateException("cannot close shard " + path, e);
    } finally {
      memory.close();
    }
  }
}
