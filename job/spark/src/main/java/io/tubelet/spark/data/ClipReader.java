package io.tubelet.spark.data;

import io.tubelet.clip.Frames;
import io.tubelet.spark.files.Failure.StateException;
import io.tubelet.video.Windows;
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
  private final Recipe recipe;
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

  ClipReader(Configuration hadoop, Path root, Recipe recipe) {
    this.hadoop = hadoop;
    this.root = root;
    this.recipe = recipe;
  }

  /**
   * The frames of a clip at the stored size: of a span, those in its middle.
   *
   * @throws StateException if its shard is missing or damaged
   */
  public Frames read(ClipRow clip) {
    Frames own = lend(clip);
    lent = new byte[0];
    return own;
  }

  /**
   * As {@link #read}, in memory that the next frames that are lent overwrite: at some megabytes a
   * clip, fresh memory costs as much as the reading.
   */
  public Frames lend(ClipRow clip) {
    return lend(clip, recipe.middle());
  }

  private Frames lend(ClipRow clip, Windows window) {
    ClipRow.Place place = clip.place();
    ShardReader shard =
        open.computeIfAbsent(
            place.shard(), number -> new ShardReader(hadoop, CubeStore.shard(root, number)));
    Frames frames = shard.read(place.row(), window, lent);
    lent = frames.bytes();
    return frames;
  }

  @Override
  public Optional<Frames> read(ClipRow clip, long epoch, Consumer<Quarantined> refused) {
    boolean span = recipe.span() > 1;
    return Optional.of(lend(clip, span ? recipe.drawn(1, clip.id(), epoch) : recipe.middle()));
  }

  @Override
  public void close() {
    open.values().forEach(ShardReader::close);
    open.clear();
  }
}
