package io.tubelet.spark.data;

import io.tubelet.clip.Frames;
import io.tubelet.spark.files.Failure.StateException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Reads clips of a store by their place, with a few shards open at a time. Used by one thread; must
 * be closed.
 */
public final class ClipReader implements ClipAccess.Clips {
  private static final int MOST_OPEN = 64;

  private final Configuration hadoop;
  private final Path root;
  private final Map<Integer, ShardReader> open =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Integer, ShardReader> oldest) {
          boolean close = size() > MOST_OPEN;
          if (close) {
            oldest.getValue().close();
          }
          return close;
        }
      };
  private byte[] lent = new byte[0];

  /** For the store in the folder {@code root}. */
  public ClipReader(Configuration hadoop, Path root) {
    this.hadoop = hadoop;
    this.root = root;
  }

  /**
   * The frames of a clip at the stored size.
   *
   * @throws StateException if its shard is missing or damaged
   */
  public Frames read(ClipRow clip) {
    return shard(clip).read(clip.place().row(), new byte[0]);
  }

  /**
   * As {@link #read}, in memory that the next frames that are lent overwrite: at some megabytes a
   * clip, fresh memory costs as much as the reading.
   */
  public Frames lend(ClipRow clip) {
    Frames frames = shard(clip).read(clip.place().row(), lent);
    lent = frames.bytes();
    return frames;
  }

  private ShardReader shard(ClipRow clip) {
    return open.computeIfAbsent(
        clip.place().shard(), shard -> new ShardReader(hadoop, CubeStore.shard(root, shard)));
  }

  @Override
  public Optional<Frames> read(ClipRow clip, long epoch, Consumer<Quarantined> refused) {
    return Optional.of(lend(clip));
  }

  @Override
  public void close() {
    open.values().forEach(ShardReader::close);
    open.clear();
  }
}
