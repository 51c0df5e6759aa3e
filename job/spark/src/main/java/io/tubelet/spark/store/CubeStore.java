package io.tubelet.spark.store;

import io.tubelet.spark.corpus.Quarantined;
import io.tubelet.spark.failure.StateException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * A finished store: its manifest and the rows of its clips.
 *
 * @param root the store's folder
 * @param manifest its {@code store.json}
 * @param clips its clips in the order of (shard, row)
 * @param quarantined its sources that gave no clip
 */
public record CubeStore(
    Path root, StoreManifest manifest, List<ClipRow> clips, List<Quarantined> quarantined) {
  static final String MANIFEST = "store.json";

  /**
   * Opens the store in a folder.
   *
   * @throws StateException if there is none or it is damaged
   */
  public static CubeStore open(SparkSession spark, Path root) {
    StoreManifest manifest =
        manifest(spark, root)
            .orElseThrow(
                () -> new StateException("no cube store at " + root + ": run `prepare` first"));
    CubeStore store =
        new CubeStore(
            root, manifest, StoreTables.clips(spark, root), StoreTables.quarantined(spark, root));
    if (store.clips.size() != manifest.clips()) {
      throw new StateException(
          "store %s is damaged: %s lists %d clips, %s has %d"
              .formatted(root, MANIFEST, manifest.clips(), StoreTables.CLIPS, store.clips.size()));
    }
    return store;
  }

  /** The manifest of the store in a folder, if it is finished. */
  public static Optional<StoreManifest> manifest(SparkSession spark, Path root) {
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    return Json.read(hadoop, new Path(root, MANIFEST), StoreManifest.class);
  }

  /** Writes the tables and, last, the manifest of a store whose shards are complete. */
  public static CubeStore publish(
      SparkSession spark,
      Path root,
      Recipe recipe,
      List<ShardManifest> shards,
      List<Quarantined> quarantined)
      throws IOException {
    List<ClipRow> clips = shards.stream().flatMap(shard -> shard.clips().stream()).toList();
    List<String> digests = shards.stream().map(ShardManifest::digest).toList();
    StoreManifest manifest =
        new StoreManifest(
            recipe,
            (int) clips.stream().map(ClipRow::source).distinct().count(),
            clips.size(),
            quarantined.size(),
            Labels.of(clips.stream()).names(),
            digests,
            Digest.of(String.join(",", digests)),
            Map.of("java", System.getProperty("java.version"), "spark", spark.version()));
    StoreTables.write(spark, root, clips, quarantined);
    Json.write(spark.sparkContext().hadoopConfiguration(), new Path(root, MANIFEST), manifest);
    return new CubeStore(root, manifest, clips, quarantined);
  }

  /** The file of one shard. */
  static Path shard(Path root, int shard) {
    return new Path(root, "shards/shard-%05d.arrow".formatted(shard));
  }

  /** {@code clips.parquet} as a table, for Spark SQL. */
  public Dataset<Row> table(SparkSession spark) {
    return spark.read().parquet(new Path(root, StoreTables.CLIPS).toString());
  }

  /** {@code quarantine.parquet} as a table. */
  public Dataset<Row> refused(SparkSession spark) {
    return spark.read().parquet(new Path(root, StoreTables.QUARANTINE).toString());
  }
}
