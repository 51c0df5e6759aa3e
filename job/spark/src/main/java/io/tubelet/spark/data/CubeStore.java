package io.tubelet.spark.data;

import io.tubelet.spark.files.Failure.StateException;
import io.tubelet.spark.files.Json;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.commons.lang3.exception.ExceptionUtils;
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
 * @param clips its clips in the order of (shard, row)
 */
public record CubeStore(
    Path root, Manifest manifest, List<ClipRow> clips, List<Quarantined> quarantined) {
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
   * {@code store.json}, written last: no {@code store.json}, no store.
   *
   * @param videos sources that gave clips
   * @param quarantined sources that gave none
   * @param labels distinct class names, sorted
   * @param shards SHA-256 of every shard file
   * @param digest SHA-256 over the shards' digests: equal digests mean equal stores
   */
  public record Manifest(
      Recipe recipe,
      int videos,
      int clips,
      int quarantined,
      List<String> labels,
      List<String> shards,
      String digest,
      Map<String, String> versions) {}

  /**
   * The side file of a shard, written after it: a shard without one is not there.
   *
   * @param recipe digest of the recipe and of the videos that made it
   * @param digest SHA-256 of the shard file
   */
  public record Shard(
      String recipe, String digest, List<ClipRow> clips, List<Quarantined> quarantined)
      implements Serializable {
    static Path path(Path root, int shard) {
      return CubeStore.shard(root, shard).suffix(".json");
    }
  }

  /**
   * Opens the store in a folder.
   *
   * @throws StateException if there is none or it is damaged
   */
  public static CubeStore open(SparkSession spark, Path root) {
    Manifest manifest =
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
  public static Optional<Manifest> manifest(SparkSession spark, Path root) {
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    return Json.read(hadoop, new Path(root, MANIFEST), Manifest.class);
  }

  /** Writes the table of sources that gave no clip, also for a store that has too many of them. */
  static Path refuse(SparkSession spark, Path root, List<Quarantined> quarantined) {
    List<Row> rows =
        quarantined.stream()
            .map(q -> RowFactory.create(q.source(), q.reason(), q.detail()))
            .toList();
    write(spark.createDataFrame(rows, REFUSED), new Path(root, QUARANTINE));
    return new Path(root, QUARANTINE);
  }

  /** Makes a store unfinished: what it is of is about to change. */
  public static void unpublish(SparkSession spark, Path root) throws IOException {
    Path manifest = new Path(root, MANIFEST);
    manifest.getFileSystem(spark.sparkContext().hadoopConfiguration()).delete(manifest, false);
  }

  /** Writes the tables and, last, the manifest of a store whose shards are complete. */
  public static CubeStore publish(
      SparkSession spark,
      Path root,
      Recipe recipe,
      List<Shard> shards,
      List<Quarantined> quarantined)
      throws IOException {
    List<ClipRow> clips = shards.stream().flatMap(shard -> shard.clips().stream()).toList();
    List<String> digests = shards.stream().map(Shard::digest).toList();
    Manifest manifest =
        new Manifest(
            recipe,
            (int) clips.stream().map(ClipRow::source).distinct().count(),
            clips.size(),
            quarantined.size(),
            Labels.of(clips.stream()).names(),
            digests,
            DigestUtils.sha256Hex(String.join(",", digests)),
            Map.of("java", System.getProperty("java.version"), "spark", spark.version()));
    List<Row> rows = clips.stream().map(CubeStore::row).toList();
    write(spark.createDataFrame(rows, CLIP), new Path(root, CLIPS));
    refuse(spark, root, quarantined);
    Json.write(spark.sparkContext().hadoopConfiguration(), new Path(root, MANIFEST), manifest);
    return new CubeStore(root, manifest, clips, quarantined);
  }

  static Path shard(Path root, int shard) {
    return new Path(root, "shards/shard-%05d.arrow".formatted(shard));
  }

  /**
   * A part of it, as a store of its own.
   *
   * @param part what decides which videos are in it
   */
  public CubeStore part(String part, Predicate<String> video) {
    List<ClipRow> some = clips.stream().filter(clip -> video.test(clip.source())).toList();
    if (some.isEmpty()) {
      throw new StateException("no video of store %s is in this part: %s".formatted(root, part));
    }
    List<Quarantined> refused = quarantined.stream().filter(q -> video.test(q.source())).toList();
    Manifest of =
        new Manifest(
            manifest.recipe,
            (int) some.stream().map(ClipRow::source).distinct().count(),
            some.size(),
            refused.size(),
            manifest.labels,
            manifest.shards,
            DigestUtils.sha256Hex(manifest.digest + part),
            manifest.versions);
    return new CubeStore(root, of, some, refused);
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

  /** Compressed by Java: Snappy's native library needs a /tmp that may hold programs. */
  private static void write(Dataset<Row> table, Path path) {
    table
        .coalesce(1)
        .write()
        .mode(SaveMode.Overwrite)
        .option("compression", "gzip")
        .parquet(path.toString());
  }

  /** The Parquet files of a folder. Spark takes a path for a pattern unless it is told not to. */
  public static Dataset<Row> read(SparkSession spark, Path folder) {
    try {
      return spark
          .read()
          .option("__globPaths__", false)
          .option("pathGlobFilter", "part-*")
          .parquet(folder.toString());
    } catch (Exception e) { // Scala throws the checked AnalysisException without declaring it
      // what the task said, below Spark's own words
      String why = String.valueOf(ExceptionUtils.getRootCause(e).getMessage());
      String line = why.lines().findFirst().orElse("");
      throw new StateException("cannot read table " + folder + ": " + line, e);
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
