package io.tubelet.spark.data;

import com.univocity.parsers.csv.CsvParser;
import com.univocity.parsers.csv.CsvParserSettings;
import io.tubelet.spark.data.Corpus.Listing;
import io.tubelet.spark.data.Corpus.Listing.Format;
import io.tubelet.spark.data.Corpus.SourceVideo;
import io.tubelet.spark.files.Failure.DataException;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.compress.CompressionCodec;
import org.apache.hadoop.io.compress.CompressionCodecFactory;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Reads one source row by row into videos and refused rows, whatever its format. */
final class CorpusReader {
  /** {@code path label}, or {@code path 0 -1} for no label; the path may hold spaces. */
  private static final Pattern VIDEO_LINE =
      Pattern.compile("(?<path>.+?)(?:\\s+0\\s+-1|\\s+(?<label>-?\\d+))");

  /** {@code path frames label} or {@code path start frames label}; the path is a folder. */
  private static final Pattern FRAMES_LINE =
      Pattern.compile("(?<path>.+?)(?:\\s+(?<start>\\d+))?\\s+(?<frames>\\d+)\\s+(?<label>-?\\d+)");

  private final SparkSession spark;
  private final FileSystem files;
  private final Path source;
  private final boolean folder;
  private final List<String> parts;
  private final Listing listing;
  private final Map<String, SourceVideo> videos = new LinkedHashMap<>();
  private final List<Quarantined> refused = new ArrayList<>();

  CorpusReader(SparkSession spark, Path path, Listing listing) throws IOException {
    this.spark = spark;
    this.files = path.getFileSystem(spark.sparkContext().hadoopConfiguration());
    FileStatus status = files.getFileStatus(path);
    this.source = status.getPath();
    this.folder = status.isDirectory();
    this.parts = List.of(listing.part().split(",", -1));
    this.listing = listing;
  }

  Corpus read() throws IOException {
    Format format = format();
    switch (format) {
      case CSV -> csv();
      case PARQUET -> parquet();
      case LIST -> videoList();
      case FRAME_LIST -> frameList();
      case FOLDER, FLAT, AUTO -> {
        return new FolderReader(files, source).read(format == Format.FOLDER);
      }
    }
    return new Corpus(List.copyOf(videos.values()), refused);
  }

  /** The one that is asked for, or what the source looks like if it cannot be that. */
  private Format format() throws IOException {
    boolean fits =
        switch (listing.format()) {
          case AUTO -> false;
          case CSV, PARQUET -> true;
          case LIST, FRAME_LIST -> !folder;
          case FOLDER, FLAT -> folder;
        };
    if (fits) {
      return listing.format();
    }
    if (source.getName().endsWith(".parquet")) {
      return Format.PARQUET;
    }
    if (!folder && FolderReader.isVideo(source)) {
      return Format.FLAT;
    }
    if (!folder) {
      String first = text().lines().findFirst().orElse("");
      boolean list = !first.contains(",") && VIDEO_LINE.matcher(first.strip()).matches();
      return list ? Format.LIST : Format.CSV;
    }
    return new FolderReader(files, source).hasFolders() ? Format.FOLDER : Format.FLAT;
  }

  /**
   * The list of VideoMAE, one video a line, fields separated by blanks. Unlike there, a path may
   * hold spaces (the fields after it are whole numbers) and a label may be missing.
   */
  private void videoList() throws IOException {
    for (String line : text().lines().toList()) {
      Matcher fields = VIDEO_LINE.matcher(line.strip());
      if (fields.matches()) {
        addListed(fields.group("path"), Objects.requireNonNullElse(fields.group("label"), ""));
      } else if (!line.isBlank()) {
        addListed(line.strip(), "");
      }
    }
  }

  /** The list of VideoMAE V2 of folders of frames, one folder a line. */
  private void frameList() throws IOException {
    List<String> lines = text().lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      String where = source.getName() + ":" + (i + 1);
      Matcher fields = FRAMES_LINE.matcher(line);
      if (line.isEmpty()) {
        continue;
      }
      if (!fields.matches()) {
        refuse(where, "expected 'path frames label' or 'path start frames label': " + line);
      } else if (fields.group("start") != null && Long.parseLong(fields.group("start")) > 1) {
        refuse(
            where,
            "starts at frame %s; only whole folders are read".formatted(fields.group("start")));
      } else {
        addListed(fields.group("path"), fields.group("label"));
      }
    }
  }

  /** What a text file holds, which is compressed if its name says so. */
  private String text() throws IOException {
    CompressionCodec codec = new CompressionCodecFactory(files.getConf()).getCodec(source);
    try (InputStream raw = files.open(source);
        InputStream in = codec == null ? raw : codec.createInputStream(raw)) {
      ByteBuffer bytes = ByteBuffer.wrap(in.readAllBytes());
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(bytes)
          .toString()
          .replaceFirst("^\uFEFF", "");
    } catch (CharacterCodingException e) {
      throw new DataException(source + " is not text in UTF-8", e);
    }
  }

  /** A video that a list names: relative to the list's folder, absolute, or a URI. */
  private void addListed(String path, String label) {
    // a colon may be part of a name, which Path would take for a scheme
    Path named = path.contains("://") ? new Path(path) : new Path(null, null, path);
    SourceVideo video =
        new SourceVideo(new Path(source.getParent(), named).toString(), path, label);
    SourceVideo first = videos.putIfAbsent(path, video);
    if (first != null) {
      String as =
          first.label().equals(label) ? "" : ", as '%s' and '%s'".formatted(first.label(), label);
      refused.add(new Quarantined(path, "DUPLICATE", "listed more than once" + as));
    }
  }

  /** A row that cannot be used, named by file and line. */
  private void refuse(String where, String detail) {
    refused.add(new Quarantined(where, "BAD_ROW", detail));
  }

  /**
   * A CSV with a header, quoted as RFC 4180 says; blanks around fields do not count. A row less
   * wide than the header is refused. Spark's own reader takes a path for a pattern.
   */
  private void csv() throws IOException {
    CsvParserSettings settings = new CsvParserSettings();
    settings.setLineSeparatorDetectionEnabled(true);
    settings.setMaxCharsPerColumn(-1);
    settings.setNullValue("");
    settings.getFormat().setComment('\0');
    List<String[]> rows = new CsvParser(settings).parseAll(new StringReader(text()));
    List<String> names = rows.isEmpty() ? List.of() : List.of(rows.get(0));
    requireColumns(names);
    for (int i = 1; i < rows.size(); i++) {
      addRow(names, rows.get(i), source.getName() + ":" + (i + 1));
    }
  }

  private void parquet() {
    try {
      Dataset<Row> table = spark.read().option("__globPaths__", false).parquet(source.toString());
      List<String> names = List.of(table.columns());
      requireColumns(names);
      int i = 0;
      for (Row row : table.collectAsList()) {
        String[] texts = new String[names.size()];
        Arrays.setAll(texts, at -> row.isNullAt(at) ? "" : row.get(at).toString());
        addRow(names, texts, source.getName() + ", row " + i++);
      }
    } catch (DataException e) {
      throw e;
    } catch (Exception e) { // Scala throws the checked SparkException without declaring it
      throw new DataException("cannot read %s: %s".formatted(source, e.getMessage()), e);
    }
  }

  /** A row without a path is refused. */
  private void addRow(List<String> names, String[] row, String where) {
    Listing.Columns columns = listing.columns();
    if (row.length != names.size()) {
      refuse(where, "not as many fields as the header: " + String.join(",", row));
    } else if (row[names.indexOf(columns.path())].isBlank()) {
      refuse(where, "the path is empty");
    } else if (columns.split().isEmpty() || parts.contains(row[names.indexOf(columns.split())])) {
      int label = names.indexOf(columns.label());
      addListed(row[names.indexOf(columns.path())], label < 0 ? "" : row[label].strip());
    }
  }

  /** A table without the named columns is an error; it may lack labels, which is said. */
  private void requireColumns(List<String> names) {
    for (String column : List.of(listing.columns().path(), listing.columns().split())) {
      if (!column.isEmpty() && !names.contains(column)) {
        throw new DataException("%s has no column '%s'; found %s".formatted(source, column, names));
      }
    }
    if (!names.contains(listing.columns().label()) && names.size() > 1) {
      System.err.printf(
          "tubelet: %s has no column '%s' (data.columns.label), so no labels; found %s%n",
          source, listing.columns().label(), names);
    }
  }
}
