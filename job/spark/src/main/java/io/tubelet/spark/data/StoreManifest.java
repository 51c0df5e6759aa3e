package io.tubelet.spark.data;

import java.io.Serializable;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.Path;

/**
 * {@code store.json}, written last: no {@code store.json}, no store.
 *
 * @param recipe what decided its bytes
 * @param videos sources that gave clips
 * @param clips clips of all shards
 * @param quarantined sources that gave none
 * @param labels distinct class names, sorted
 * @param shards SHA-256 of every shard file
 * @param digest SHA-256 over the shards' digests: equal digests mean equal stores
 * @param versions of the tools that made it
 */
public record StoreManifest(
    Recipe recipe,
    int videos,
    int clips,
    int quarantined,
    List<String> labels,
    List<String> shards,
    String digest,
    Map<String, String> versions) {

  /**
   * The side file of a shard, written after it: a shard without one is not there.
   *
   * @param recipe digest of the recipe and of the videos that made it
   * @param digest SHA-256 of the shard file
   * @param clips its clips, by row
   * @param quarantined sources of this shard that gave no clip
   */
  public record Shard(
      String recipe, String digest, List<ClipRow> clips, List<Quarantined> quarantined)
      implements Serializable {
    static Path path(Path root, int shard) {
      return CubeStore.shard(root, shard).suffix(".json");
    }
  }
}
