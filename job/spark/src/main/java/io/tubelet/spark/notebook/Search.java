package io.tubelet.spark.notebook;

import static org.apache.spark.sql.functions.col;

import io.tubelet.spark.data.CubeStore;
import io.tubelet.spark.files.Failure.StateException;
import io.tubelet.spark.train.RunFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Clips that are like one another, by the features that {@code embed} wrote. */
final class Search {
  private static final String PRODUCT =
      "aggregate(zip_with(%s, %s, (a, b) -> CAST(a AS DOUBLE) * b), 0D, (sum, x) -> sum + x)";

  /** {@code a · b / (|a| |b|)}. */
  private static final String COSINE =
      "round(%s / sqrt(%s * %s), 4) AS cosine"
          .formatted(
              PRODUCT.formatted("features", "wanted"),
              PRODUCT.formatted("features", "features"),
              PRODUCT.formatted("wanted", "wanted"));

  private Search() {}

  /**
   * Mean features, a row a clip: id, source, label, features {@code [dim]}.
   *
   * @param folder of the Parquet files
   * @throws StateException if there are none
   */
  static Dataset<Row> features(SparkSession spark, RunFolder run, Path folder) {
    try {
      if (!folder.getFileSystem(run.hadoop()).exists(folder)) {
        throw new StateException("no features in %s: run `embed` first".formatted(folder));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return CubeStore.read(spark, folder);
  }

  /** The nearest by cosine, the clip itself first: id, label, cosine. */
  static Dataset<Row> nearest(Dataset<Row> features, String clip, int count) {
    Dataset<Row> wanted =
        features.filter(col("id").equalTo(clip)).select(col("features").as("wanted"));
    if (wanted.isEmpty()) {
      throw new StateException("no features of a clip " + clip);
    }
    return features
        .crossJoin(wanted)
        .selectExpr("id", "label", COSINE)
        .orderBy(col("id").notEqual(clip), col("cosine").desc(), col("id"))
        .limit(count);
  }
}
