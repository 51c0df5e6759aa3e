package io.tubelet.spark.store;

import java.util.List;
import java.util.zip.CRC32C;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * The columns of a shard: an Arrow IPC file with one record batch of one row a clip, so that a clip
 * is read by its (shard, row) without its neighbours. From Python:
 *
 * <pre>
 * import numpy as np, pyarrow as pa
 * clip = pa.ipc.open_file("store/shards/shard-00000.arrow").get_batch(row).to_pylist()[0]
 * pixels = np.frombuffer(clip["pixels"], np.uint8)
 * frames = pixels.reshape(clip["time"], clip["height"], clip["width"], 3)
 * </pre>
 *
 * Compressed shards are read by the same lines. The checksum of the pixels is tested with each
 * reading.
 */
final class ArrowShard {
  static final String ID = "id";
  static final String LABEL = "label";
  static final String TIME = "time";
  static final String HEIGHT = "height";
  static final String WIDTH = "width";
  static final String CHECKSUM = "crc32c";
  static final String PIXELS = "pixels";

  static final Schema SCHEMA =
      new Schema(
          List.of(
              Field.notNullable(ID, ArrowType.Utf8.INSTANCE),
              Field.notNullable(LABEL, ArrowType.Utf8.INSTANCE),
              Field.notNullable(TIME, new ArrowType.Int(32, true)),
              Field.notNullable(HEIGHT, new ArrowType.Int(32, true)),
              Field.notNullable(WIDTH, new ArrowType.Int(32, true)),
              Field.notNullable(CHECKSUM, new ArrowType.Int(32, true)),
              Field.notNullable(PIXELS, ArrowType.Binary.INSTANCE)));

  private ArrowShard() {}

  /** CRC-32C of a clip's pixels. */
  static int checksum(byte[] pixels) {
    CRC32C crc = new CRC32C();
    crc.update(pixels);
    return (int) crc.getValue();
  }

  static String name(int shard) {
    return "shard-%05d.arrow".formatted(shard);
  }
}
