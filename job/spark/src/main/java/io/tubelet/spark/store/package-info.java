/**
 * The cube store: decoded clips at rest on any Hadoop file system.
 *
 * <pre>
 * store/
 *   clips.parquet/          one row per clip: {@link io.tubelet.spark.store.ClipRow}
 *   quarantine.parquet/     one row per source that gave no clip
 *   shards/shard-N.arrow    Arrow IPC file, one record batch a clip (columns: ShardWriter)
 *   shards/…arrow.json      its manifest, written after it
 *   store.json              recipe, counts, digests; written last
 * </pre>
 *
 * Read {@link io.tubelet.spark.store.CubeStore} first. May use {@code failure}, {@code corpus} and
 * the core.
 */
package io.tubelet.spark.store;
