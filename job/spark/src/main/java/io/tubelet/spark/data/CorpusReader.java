package io.tubelet.spark.data;

import io.tubelet.spark.data.Corpus.SourceVideo;
import io.tubelet.spark.data.Listing.Format;
import io.tubelet.spark.files.Failure.DataException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Reads one source row by row into videos and refused rows, whatever its format. */
final class CorpusReader {
  private static final Set<String> VIDEOS =
      Set.of(
          "mp4", "m4v", "mov", "mkv", "webm", "avi", "ts", "m2ts", "mpg", "mpeg", "gif", "wmv",
          "flv", "ogv", "3gp");
  private static final Set<String> PICTURES = Set.of("jpg", "jpeg", "png", "bmp", "webp");

  /** {@code path label}; the path may hold spaces. */
  private static final Pattern VIDEO_LINE = Pattern.compile("(?<path>.+) (?<label>-?\\d+)");

  /** {@code path frames label} or {@code path start frames label}; the path is a folder. */
  private static final Pattern FRAMES_LINE =
      Pattern.compile("(?<path>.+?)(?: (?<start>\\d+))? (?<frames>\\d+) (?<label>-?\\d+)");

  private static final String CORRUPT = "_corrupt_record";

  private final SparkSession spark;
  private final FileSystem files;
  private final Path source;
  private final Path base;
  private final Map<String, SourceVideo> videos = new LinkedHashMap<>();
  private final List<Quarantined> refused = new ArrayList<>();

  private CorpusReader(SparkSession spark, FileSystem files, Path source, String root) {
    this.spark = spark;
    this.files = files;
    this.source = source;
    this.base = root.isEmpty() ? source.getParent() : new Path(root);
  }

  static Corpus read(SparkSession spark, Path path, Listing listing) throws IOException {
    FileSystem files = path.getFileSystem(spark.sparkContext().hadoopConfiguration());
    FileStatus status = files.getFileStatus(path);
    CorpusReader reader = new CorpusReader(spark, files, status.getPath(), listing.root());
    Format format = reader.format(listing.format(), status.isDirectory());
    switch (format) {
      case CSV -> reader.csv(listing.columns());
      case PARQUET -> reader.parquet(listing.columns());
      case LIST -> reader.videoList();
      case FRAME_LIST -> reader.frameList();
      case FOLDER -> reader.labelledFolders();
      case FLAT, AUTO -> reader.addBelow(reader.source, "");
    }
    List<SourceVideo> videos = new ArrayList<>(reader.videos.values());
    if (format == Format.FOLDER || format == Format.FLAT) {
      videos.sort(Comparator.comparing(SourceVideo::id));
    }
    return new Corpus(videos, reader.refused);
  }

  /** The one that is asked for, or what the source looks like if it cannot be that. */
  private Format format(Format asked, boolean folder) throws IOException {
    boolean fits =
        switch (asked) {
          case AUTO -> false;
          case CSV, PARQUET -> true;
          case LIST, FRAME_LIST -> !folder;
          case FOLDER, FLAT -> folder;
        };
    if (fits) {
      return asked;
    }
    if (source.getName().endsWith(".parquet")) {
      return Format.PARQUET;
    }
    if (!folder) {
      return looksLikeAList() ? Format.LIST : Format.CSV;
    }
    boolean folders = Arrays.stream(files.listStatus(source)).anyMatch(FileStatus::isDirectory);
    return folders ? Format.FOLDER : Format.FLAT;
  }

  private void add(String path, String id, String label) {
    if (videos.putIfAbsent(id, new SourceVideo(path, id, label)) != null) {
      refused.add(new Quarantined(id, "DUPLICATE", "listed more than once"));
    }
  }

  /**
   * Videos in folders: each folder in the source is a label, and videos may lie deeper. Files that
   * are not named like a video (a README, a list) are passed over. A folder that holds nothing but
   * pictures is one video.
   */
  private void labelledFolders() throws IOException {
    for (FileStatus child : files.listStatus(source)) {
      if (child.isDirectory()) {
        addBelow(child.getPath(), child.getPath().getName());
      }
    }
  }

  private void addBelow(Path folder, String label) throws IOException {
    Map<Path, Boolean> onlyPictures = new TreeMap<>();
    for (Path path : filesBelow(folder)) {
      String name = path.getName();
      String extension = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
      if (VIDEOS.contains(extension)) {
        addFound(path, label);
      }
      onlyPictures.merge(path.getParent(), PICTURES.contains(extension), Boolean::logicalAnd);
    }
    onlyPictures.values().removeIf(only -> !only);
    onlyPictures.keySet().forEach(pictures -> addFound(pictures, label));
  }

  /** Hadoop's own walk over a local folder starts a process for each file. */
  private List<Path> filesBelow(Path folder) throws IOException {
    List<Path> found = new ArrayList<>();
    for (FileStatus child : files.listStatus(folder)) {
      Path path = child.getPath();
      found.addAll(child.isDirectory() ? filesBelow(path) : List.of(path));
    }
    return found;
  }

  private void addFound(Path path, String label) {
    String id = source.toUri().relativize(path.toUri()).getPath();
    add(path.toString(), id.isEmpty() ? path.getName() : id, label);
  }

  /**
   * The list of VideoMAE, one video a line, fields separated by one space. Unlike there, a path may
   * hold spaces (the fields after it are whole numbers) and a label may be missing.
   */
  private void videoList() throws IOException {
    for (String line : lines()) {
      Matcher fields = VIDEO_LINE.matcher(line.strip());
      if (fields.matches()) {
        addListed(fields.group("path"), fields.group("label"));
      } else if (!line.isBlank()) {
        addListed(line.strip(), "");
      }
    }
  }

  /** The list of VideoMAE V2 of folders of frames, one folder a line. */
  private void frameList() throws IOException {
    List<String> lines = lines();
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

  /** Whether the first line reads {@code path label}. */
  private boolean looksLikeAList() throws IOException {
    try (BufferedReader text = open()) {
      String first = text.readLine();
      return first != null && !first.contains(",") && VIDEO_LINE.matcher(first).matches();
    }
  }

  private List<String> lines() throws IOException {
    try (BufferedReader text = open()) {
      return text.lines().toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private BufferedReader open() throws IOException {
    return new BufferedReader(new InputStreamReader(files.open(source), StandardCharsets.UTF_8));
  }

  /** A video that a list names: relative to the list's base, absolute, or a URI. */
  private void addListed(String path, String label) {
    // a colon may be part of a name, which Path would take for a scheme
    Path named = path.contains("://") ? new Path(path) : new Path(null, null, path);
    add(new Path(base, named).toString(), path, label);
  }

  /** A row that cannot be used, named by file and line. */
  private void refuse(String where, String detail) {
    refused.add(new Quarantined(where, "BAD_ROW", detail));
  }

  /** A CSV with a header, quoted as RFC 4180 says. A row less wide than the header is refused. */
  private void csv(Listing.Columns columns) {
    String file = source.toString();
    DataFrameReader reader = spark.read().option("header", true).option("escape", "\"");
    StructType schema = new StructType();
    for (String column : reader.csv(file).columns()) {
      schema = schema.add(column, DataTypes.StringType);
    }
    schema = schema.add(CORRUPT, DataTypes.StringType);
    Dataset<Row> table =
        reader.option("columnNameOfCorruptRecord", CORRUPT).schema(schema).csv(file);
    addRows(table, columns, row -> source.getName() + ":" + (row + 2));
  }

  private void parquet(Listing.Columns columns) {
    Dataset<Row> table = spark.read().parquet(source.toString());
    addRows(table, columns, row -> source.getName() + ", row " + row);
  }

  /** A row without a path is refused; a table without the named columns is an error. */
  private void addRows(Dataset<Row> table, Listing.Columns columns, IntFunction<String> where) {
    boolean parts = !columns.split().isEmpty();
    List<String> names = Arrays.asList(table.columns());
    requireColumn(names, columns.path());
    if (parts) {
      requireColumn(names, columns.split());
    }
    List<Row> rows = collect(table);
    for (int i = 0; i < rows.size(); i++) {
      Row row = rows.get(i);
      String path = text(row, names, columns.path());
      String corrupt = text(row, names, CORRUPT);
      if (!corrupt.isEmpty()) {
        refuse(where.apply(i), "not as many fields as the header: " + corrupt);
      } else if (path.isBlank()) {
        refuse(where.apply(i), "the path is empty");
      } else if (!parts || text(row, names, columns.split()).equals(columns.part())) {
        addListed(path, text(row, names, columns.label()));
      }
    }
  }

  private void requireColumn(List<String> names, String column) {
    if (!names.contains(column)) {
      throw new DataException(
          "%s has no column '%s'; found %s"
              .formatted(source, column, names.stream().filter(n -> !n.equals(CORRUPT)).toList()));
    }
  }

  private List<Row> collect(Dataset<Row> table) {
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
