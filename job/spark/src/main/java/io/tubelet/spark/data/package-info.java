/**
 * From videos to clips: lists of videos, their decoding on the executors, and the cube store, which
 * keeps decoded clips on any Hadoop file system.
 *
 * <pre>
 * store/
 *   clips.parquet/          one row per clip: {@link io.tubelet.spark.data.ClipRow}
 *   quarantine.parquet/     one row per source that gave no clip
 *   shards/shard-N.arrow    Arrow IPC file, one record batch a clip (columns: ShardWriter)
 *   shards/…arrow.json      its manifest, written after it
 *   lease.json              while a process makes the store: which
 *   store.json              recipe, counts, digests; written last
 * </pre>
 *
 * Read {@link io.tubelet.spark.data.Corpus}, {@link io.tubelet.spark.data.PrepareJob} and {@link
 * io.tubelet.spark.data.CubeStore} in this order. May use {@code files}, {@code cluster}, the video
 * module and the core.
 */
package io.tubelet.spark.data;
