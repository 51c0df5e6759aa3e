package io.tubelet.spark.store;

import java.util.List;
import java.util.Map;

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
    Map<String, String> versions) {}
