package io.tubelet.spark.store;

import static org.apache.spark.sql.types.DataTypes.DoubleType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.StringType;

import io.tubelet.spark.corpus.Quarantined;
import io.tubelet.spark.failure.StateException;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** The store's two Parquet tables. */
final class StoreTables {
  static final String CLIPS = "clips.parquet";
  static final String QUARANTINE = "quarantine.parquet";

  private static final StructType CLIP =
      new StructType()
          .add("id", StringType, false)
          .add("source", StringType, false)
          .add("label", StringType, false)
          .add("frames", IntegerType, false)
          .add("frames_per_second", DoubleType, false)
          .add("width", IntegerType, false)
          .add("height", IntegerType, false)
          .add("shard", IntegerType, false)
          .add("row", IntegerType, false)
          .add("digest", StringType, false);
  private static final StructType REFUSED =
      new StructType()
          .add("source", StringType, false)
          .add("reason", StringType, false)
          .add("detail", StringType, false);

  private StoreTables() {}

  static void write(
      SparkSession spark, Path root, List<ClipRow> clips, List<Quarantined> quarantined) {
    List<Row> rows = clips.stream().map(StoreTables::row).toList();
    List<Row> refused =
        quarantined.stream()
            .map(q -> RowFactory.create(q.source(), q.reason(), q.detail()))
            .toList();
    save(spark.createDataFrame(rows, CLIP), new Path(root, CLIPS));
    save(spark.createDataFrame(refused, REFUSED), new Path(root, QUARANTINE));
  }

  private static void save(Dataset<Row> table, Path path) {
    table.coalesce(1).write().mode(SaveMode.Overwrite).parquet(path.toString());
  }

  static List<ClipRow> clips(SparkSession spark, Path root) {
    return read(spark, new Path(root, CLIPS)).orderBy("shard", "row").collectAsList().stream()
        .map(StoreTables::clip)
        .toList();
  }

  static List<Quarantined> quarantined(SparkSession spark, Path root) {
    return read(spark, new Path(root, QUARANTINE)).collectAsList().stream()
        .map(r -> new Quarantined(r.getString(0), r.getString(1), r.getString(2)))
        .toList();
  }

  private static Dataset<Row> read(SparkSession spark, Path path) {
    try {
      return spark.read().parquet(path.toString());
    } catch (Exception e) { // Scala throws the checked AnalysisException without declaring it
      throw new StateException("cannot read table " + path + ": " + e.getMessage(), e);
    }
  }

  private static Row row(ClipRow c) {
    return RowFactory.create(
        c.id(),
        c.source(),
        c.label(),
        c.video().frames(),
        c.video().framesPerSecond(),
        c.video().width(),
        c.video().height(),
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
