package io.tubelet.spark.data;

import io.tubelet.spark.files.Digest;
import io.tubelet.spark.files.Failure.StateException;
import io.tubelet.spark.files.Json;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * A finished store: its manifest and the rows of its two Parquet tables.
 *
 * @param root the store's folder
 * @param manifest its {@code store.json}
 * @param clips its clips in the order of (shard, row)
 * @param quarantined its sources that gave no clip
 */
public record CubeStore(
    Path root, StoreManifest manifest, List<ClipRow> clips, List<Quarantined> quarantined) {
  private static final String MANIFEST = "store.json";
  private static final String CLIPS = "clips.parquet";
  private static final String QUARANTINE = "quarantine.parquet";

  private static final StructType CLIP =
      StructType.fromDDL(
          """
          id STRING NOT NULL, source STRING NOT NULL, label STRING NOT NULL,
          frames INT NOT NULL, frames_per_second DOUBLE NOT NULL,
          width INT NOT NULL, height INT NOT NULL,
          shard INT NOT NULL, row INT NOT NULL, digest STRING NOT NULL
          """);
  private static final StructType REFUSED =
      StructType.fromDDL("source STRING NOT NULL, reason STRING NOT NULL, detail STRING NOT NULL");

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
    List<ClipRow> clips =
        read(spark, new Path(root, CLIPS)).orderBy("shard", "row").collectAsList().stream()
            .map(CubeStore::clip)
            .toList();
    List<Quarantined> quarantined =
        read(spark, new Path(root, QUARANTINE)).collectAsList().stream()
            .map(r -> new Quarantined(r.getString(0), r.getString(1), r.getString(2)))
            .toList();
    if (clips.size() != manifest.clips()) {
      throw new StateException(
          "store %s is damaged: %s lists %d clips, %s has %d"
              .formatted(root, MANIFEST, manifest.clips(), CLIPS, clips.size()));
    }
    return new CubeStore(root, manifest, clips, quarantined);
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
      List<StoreManifest.Shard> shards,
      List<Quarantined> quarantined)
      throws IOException {
    List<ClipRow> clips = shards.stream().flatMap(shard -> shard.clips().stream()).toList();
    List<String> digests = shards.stream().map(StoreManifest.Shard::digest).toList();
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
    List<Row> rows = clips.stream().map(CubeStore::row).toList();
    List<Row> refused =
        quarantined.stream()
            .map(q -> RowFactory.create(q.source(), q.reason(), q.detail()))
            .toList();
    write(spark.createDataFrame(rows, CLIP), new Path(root, CLIPS));
    write(spark.createDataFrame(refused, REFUSED), new Path(root, QUARANTINE));
    Json.write(spark.sparkContext().hadoopConfiguration(), new Path(root, MANIFEST), manifest);
    return new CubeStore(root, manifest, clips, quarantined);
  }

  /** The file of one shard. */
  static Path shard(Path root, int shard) {
    return new Path(root, "shards/shard-%05d.arrow".formatted(shard));
  }

  /** Reads the clips; must be closed. */
  public ClipReader reader(Configuration hadoop) {
    return new ClipReader(hadoop, root, manifest.recipe());
  }

  /** {@code clips.parquet} as a table, for Spark SQL. */
  public Dataset<Row> table(SparkSession spark) {
    return read(spark, new Path(root, CLIPS));
  }

  /** {@code quarantine.parquet} as a table. */
  public Dataset<Row> refused(SparkSession spark) {
    return read(spark, new Path(root, QUARANTINE));
  }

  private static void write(Dataset<Row> table, Path path) {
    table.coalesce(1).write().mode(SaveMode.Overwrite).parquet(path.toString());
  }

  private static Dataset<Row> read(SparkSession spark, Path path) {
    try {
      return spark.read().parquet(path.toString());
    } catch (Exception e) { // Scala throws the checked AnalysisException without declaring it
      throw new StateException("cannot read table " + path + ": " + e.getMessage(), e);
    }
  }

  private static Row row(ClipRow c) {
    ClipRow.Video video = c.video();
    return RowFactory.create(
        c.id(),
        c.source(),
        c.label(),
        video.frames(),
        video.framesPerSecond(),
        video.width(),
        video.height(),
        c.place().shard(),
        c.place().row(),
        c.digest());
  }

  private static ClipRow clip(Row r) {
    return new ClipRow(
        r.getString(0),
        r.getString(1),
        r.getString(2),
        new ClipRow.Video(r.getInt(3), r.getDouble(4), r.getInt(5), r.getInt(6)),
        new ClipRow.Place(r.getInt(7), r.getInt(8)),
        r.getString(9));
  }
}
