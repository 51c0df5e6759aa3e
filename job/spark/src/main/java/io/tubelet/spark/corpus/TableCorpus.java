package io.tubelet.spark.corpus;

import io.tubelet.spark.failure.DataException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * A CSV with a header, quoted as RFC 4180 has it, or a Parquet table. A row that is not as wide as
 * the header, or has no path, is refused; a table without the named columns is an error.
 */
final class TableCorpus {
  private static final String CORRUPT = "_corrupt_record";

  private TableCorpus() {}

  static Listed csv(SparkSession spark, Path csv, Listing listing) {
    String[] header =
        spark.read().option("header", true).option("escape", "\"").csv(csv.toString()).columns();
    StructType schema = new StructType();
    for (String column : header) {
      schema = schema.add(column, DataTypes.StringType);
    }
    Dataset<Row> table =
        spark
            .read()
            .option("header", true)
            .option("escape", "\"")
            .option("columnNameOfCorruptRecord", CORRUPT)
            .schema(schema.add(CORRUPT, DataTypes.StringType))
            .csv(csv.toString());
    return read(table, csv, listing, row -> csv.getName() + ":" + (row + 2));
  }

  static Listed parquet(SparkSession spark, Path parquet, Listing listing) {
    Dataset<Row> table = spark.read().parquet(parquet.toString());
    return read(table, parquet, listing, row -> parquet.getName() + ", row " + row);
  }

  private static Listed read(
      Dataset<Row> table, Path source, Listing listing, IntFunction<String> where) {
    Listing.Columns columns = listing.columns();
    List<String> names = Arrays.asList(table.columns());
    requireColumn(names, columns.path(), source);
    if (!columns.split().isEmpty()) {
      requireColumn(names, columns.split(), source);
    }
    Path base = listing.root().isEmpty() ? source.getParent() : new Path(listing.root());
    List<SourceVideo> videos = new ArrayList<>();
    List<Quarantined> refused = new ArrayList<>();
    List<Row> rows = rows(table, source);
    for (int i = 0; i < rows.size(); i++) {
      Row row = rows.get(i);
      String path = text(row, names, columns.path());
      boolean other =
          !columns.split().isEmpty() && !text(row, names, columns.split()).equals(columns.part());
      String corrupt = text(row, names, CORRUPT);
      if (!corrupt.isEmpty()) {
        refused.add(Listed.badRow(where.apply(i), "not as many fields as the header: " + corrupt));
      } else if (path.isBlank()) {
        refused.add(Listed.badRow(where.apply(i), "the path is empty"));
      } else if (!other) {
        videos.add(SourceVideo.listed(base, path, text(row, names, columns.label())));
      }
    }
    return new Listed(videos, refused);
  }

  private static void requireColumn(List<String> names, String column, Path source) {
    if (!names.contains(column)) {
      throw new DataException(
          "%s has no column '%s'; found %s"
              .formatted(source, column, names.stream().filter(n -> !n.equals(CORRUPT)).toList()));
    }
  }

  private static List<Row> rows(Dataset<Row> table, Path source) {
    try {
      return table.collectAsList();
    } catch (Exception e) { // Scala throws the checked SparkException without declaring it
      throw new DataException("cannot read %s: %s".formatted(source, e.getMessage()), e);
    }
  }

  /** A value of any type as text; empty where it is null or the table has no such column. */
  private static String text(Row row, List<String> names, String column) {
    int index = names.indexOf(column);
    return index < 0 || row.isNullAt(index) ? "" : row.get(index).toString();
  }
}
