package io.tubelet.spark.notebook;

import static org.apache.spark.sql.functions.col;

import io.tubelet.report.Part;
import io.tubelet.report.Part.Pretraining.Compared;
import io.tubelet.report.picture.Chart;
import io.tubelet.report.picture.Chart.Series;
import io.tubelet.report.picture.Film;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.data.ClipReader;
import io.tubelet.spark.data.ClipRow;
import io.tubelet.spark.data.CubeStore;
import io.tubelet.spark.files.Failure.StateException;
import io.tubelet.spark.files.Json;
import io.tubelet.spark.train.EventLog;
import io.tubelet.spark.train.RunFolder;
import io.tubelet.train.RoundMetrics;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * A run folder, opened for looking. Tables are Spark's; whatever returns a text returns what {@code
 * println} shows in Zeppelin.
 *
 * <pre>
 * val run = io.tubelet.spark.notebook.Run.open(spark, "run/demo")
 * println(run.curves("pretrain"))
 * z.show(run.rounds("pretrain"))
 * </pre>
 */
public record Run(SparkSession spark, RunFolder folder, JobConfig config) {
  private static final int MOST_CLIPS = 50;
  private static final String PRODUCT =
      "aggregate(zip_with(%s, %s, (a, b) -> CAST(a AS DOUBLE) * b), 0D, (sum, x) -> sum + x)";

  /** {@code a · b / (|a| |b|)}. */
  private static final String COSINE =
      "round(%s / sqrt(%s * %s), 4) AS cosine"
          .formatted(
              PRODUCT.formatted("features", "wanted"),
              PRODUCT.formatted("features", "features"),
              PRODUCT.formatted("wanted", "wanted"));

  /** Opens a run's folder, local or a Hadoop URI; fails if there is none, or another version's. */
  public static Run open(SparkSession spark, String path) {
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    RunFolder folder = new RunFolder(hadoop, new Path(path));
    String file = folder.file("config.conf").toString();
    return new Run(spark, folder, JobConfig.load(file, List.of(), hadoop));
  }

  /** The clips of a store ({@code pretrain}, {@code train} or {@code test}), one a row. */
  public Dataset<Row> clips(String role) {
    return store(role).table(spark);
  }

  /** The sources of a store that gave no clip: source, reason, detail. */
  public Dataset<Row> quarantine(String role) {
    return store(role).refused(spark);
  }

  /** Rounds of a training, one a row: {@code pretrain}, {@code finetune}, {@code scratch} … */
  public Dataset<Row> rounds(String training) {
    return spark.read().json(folder.events(training).toString());
  }

  /** The first clips of a store as strips of frames. */
  public String pictures(String role, int clips) {
    CubeStore store = store(role);
    List<ClipRow> first = store.clips().stream().limit(Math.min(clips, MOST_CLIPS)).toList();
    return pictures(
        store,
        first,
        first.stream().map(c -> c.id() + (c.labelled() ? ": " + c.label() : "")).toList());
  }

  /** The clips of a store that a table's column {@code id} names, with its rows as captions. */
  public String pictures(String role, Dataset<Row> table) {
    CubeStore store = store(role);
    Map<String, ClipRow> clips =
        store.clips().stream().collect(Collectors.toMap(ClipRow::id, Function.identity()));
    List<Row> rows = table.takeAsList(MOST_CLIPS);
    return pictures(
        store,
        rows.stream().map(row -> clips.get(row.<String>getAs("id"))).toList(),
        rows.stream().map(row -> row.mkString(", ")).toList());
  }

  private String pictures(CubeStore store, List<ClipRow> clips, List<String> captions) {
    try (ClipReader reader = store.reader(folder.hadoop())) {
      return Display.pictures(
          captions, clips.stream().map(clip -> Film.of(reader.read(clip))).toList());
    }
  }

  /**
   * The mean features that {@code embed} wrote of a corpus, one row a clip: id, source, label,
   * features {@code [dim]}; fails if there are none.
   */
  public Dataset<Row> features(String role) {
    Path features = folder.file("features/" + role + "-mean");
    if (Json.read(folder.hadoop(), new Path(features, "features.json"), Map.class).isEmpty()) {
      throw new StateException("no features in %s: run `embed` first".formatted(features));
    }
    return CubeStore.read(spark, features);
  }

  /** The clips of a corpus most like one of them, which is the first: id, label, cosine. */
  public Dataset<Row> nearest(String role, String clip, int count) {
    Dataset<Row> features = features(role);
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

  private CubeStore store(String role) {
    return CubeStore.open(spark, new Path(config.data().store(), role));
  }

  /** The curves of a training; throws {@link StateException} if it has no rounds yet. */
  public String curves(String training) {
    return Display.charts(new Part.Pretraining(metrics(training), Compared.PIXELS).charts());
  }

  private List<RoundMetrics> metrics(String training) {
    List<RoundMetrics> rounds = EventLog.read(folder.hadoop(), folder.events(training));
    if (rounds.isEmpty()) {
      throw new StateException("no rounds in " + folder.events(training));
    }
    return rounds;
  }

  /** The losses of one training of this run and of others, over steps. */
  public String compare(String training, Run... others) {
    List<Series> losses =
        Stream.concat(Stream.of(this), Arrays.stream(others))
            .map(
                run ->
                    Series.of(
                        run.folder.root().getName(),
                        run.metrics(training),
                        RoundMetrics::step,
                        RoundMetrics::loss))
            .toList();
    Chart chart = Chart.lines("Loss of " + training, "step", "loss", false, losses);
    return Display.charts(List.of(chart));
  }

  /** Settings that differ between this run and another. */
  public String difference(Run other) {
    Map<String, String> mine = changed();
    Map<String, String> theirs = other.changed();
    return Display.table(
        List.of("setting", "this run", "other run"),
        Stream.concat(mine.keySet().stream(), theirs.keySet().stream())
            .distinct()
            .sorted()
            .filter(key -> !Objects.equals(mine.get(key), theirs.get(key)))
            .map(key -> Arrays.asList(key, mine.get(key), theirs.get(key))));
  }

  private Map<String, String> changed() {
    return config.run().changed().stream()
        .map(setting -> setting.split("=", 2))
        .collect(Collectors.toMap(setting -> setting[0], setting -> setting[1]));
  }

  /** The clips that {@code reconstruct} made; throws {@link StateException} if there are none. */
  public String reconstructions() {
    return made("reconstructions");
  }

  /** Where the encoder looks in them. */
  public String attention() {
    return made("attention");
  }

  private String made(String kind) {
    Path pictures = folder.file(kind);
    StringBuilder shown = new StringBuilder();
    try {
      FileSystem files = pictures.getFileSystem(folder.hadoop());
      for (FileStatus file : files.globStatus(new Path(pictures, "*.png"))) {
        try (InputStream in = files.open(file.getPath())) {
          shown.append(Display.figure(file.getPath().getName(), "png", in.readAllBytes(), 0));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (shown.isEmpty()) {
      throw new StateException("no pictures in " + pictures + ": run `reconstruct` first");
    }
    return Display.html(shown.toString());
  }
}
