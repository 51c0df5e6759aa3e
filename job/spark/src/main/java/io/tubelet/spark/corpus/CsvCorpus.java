package io.tubelet.spark.corpus;

import io.tubelet.spark.failure.DataException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * A CSV with a header: {@code path} is wanted, {@code label} may be there, other columns are passed
 * over. Quoting as RFC 4180 has it; paths may hold spaces, commas and any Unicode.
 */
final class CsvCorpus {
  private static final String PATH = "path";
  private static final String LABEL = "label";

  private CsvCorpus() {}

  static List<SourceVideo> read(SparkSession spark, Path csv, String root) {
    Dataset<Row> table =
        spark
            .read()
            .option("header", true)
            .option("escape", "\"")
            .option("mode", "FAILFAST")
            .csv(csv.toString());
    List<String> columns = Arrays.asList(table.columns());
    if (!columns.contains(PATH)) {
      throw new DataException(
          "%s has no column '%s' in its first line; found %s".formatted(csv, PATH, columns));
    }
    Path base = root.isEmpty() ? csv.getParent() : new Path(root);
    List<SourceVideo> videos = new ArrayList<>();
    int line = 1;
    for (Row row : rows(table, csv)) {
      line++;
      videos.add(video(row, columns.contains(LABEL), base, csv + ":" + line));
    }
    return videos;
  }

  private static List<Row> rows(Dataset<Row> table, Path csv) {
    try {
      return table.collectAsList();
    } catch (Exception e) { // Scala throws the checked SparkException without declaring it
      throw new DataException("%s is not a CSV: %s".formatted(csv, e.getMessage()), e);
    }
  }

  private static SourceVideo video(Row row, boolean labelled, Path base, String where) {
    String path = row.getAs(PATH);
    String label = labelled ? row.getAs(LABEL) : "";
    if (path == null || path.isBlank()) {
      throw new DataException(where + ": the path is empty");
    }
    return new SourceVideo(
        new Path(base, plain(path)).toString(), path, label == null ? "" : label);
  }

  /** A path that {@code Path} does not read as scheme and host: a colon may be part of a name. */
  private static Path plain(String path) {
    return path.contains("://") ? new Path(path) : new Path(null, null, path);
  }
}
