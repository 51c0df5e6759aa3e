package io.tubelet.spark.stage;

import static java.util.function.Function.identity;
import static java.util.stream.Collectors.toMap;

import io.tubelet.report.Part.Tables;
import io.tubelet.report.Part.Tables.Table;
import io.tubelet.report.picture.NumberText;
import io.tubelet.spark.config.DataConfig;
import io.tubelet.spark.config.DataConfig.Role;
import io.tubelet.spark.data.CheckJob;
import io.tubelet.spark.data.CheckJob.Checked;
import io.tubelet.spark.data.Corpus;
import io.tubelet.spark.data.Corpus.SourceVideo;
import io.tubelet.spark.data.Quarantined;
import io.tubelet.video.Windows.SamplingSpec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * What {@code doctor --data} found.
 *
 * @param table a row for every video that a corpus asks for, in the order of the corpora; {@code
 *     same_as} is the first file with the same bytes, if this is another
 */
record CorpusCheck(Dataset<Row> table) {
  private static final StructType COLUMNS =
      StructType.fromDDL(
          """
          corpus STRING, id STRING, label STRING, path STRING, bytes BIGINT, codec STRING,
          width INT, height INT, frames INT, frames_per_second DOUBLE, seconds DOUBLE,
          warnings INT, reason STRING, detail STRING, digest STRING, same_as STRING
          """);

  /** Inspects every file once, however many corpora ask for it. */
  static CorpusCheck of(Run run) throws IOException {
    DataConfig data = run.config().data();
    SparkSession spark = run.session();
    Map<Role, Corpus> corpora = new EnumMap<>(Role.class);
    for (DataConfig.Corpus settings : data.corpora()) {
      corpora.put(settings.role(), PrepareStage.list(run.config(), spark, settings));
    }
    List<String> paths =
        corpora.values().stream()
            .flatMap(corpus -> corpus.videos().stream())
            .map(SourceVideo::path)
            .distinct()
            .toList();
    SamplingSpec spec =
        new SamplingSpec(
            run.network(0).geometry().frames(),
            data.corpora().get(0).stride(),
            1,
            data.shortSide());
    List<Checked> files =
        new CheckJob(spec, PrepareStage.limits(data), PrepareStage.decoding(data))
            .run(new JavaSparkContext(spark.sparkContext()), paths);
    return new CorpusCheck(spark.createDataFrame(rows(corpora, files), COLUMNS).coalesce(1));
  }

  private static List<Row> rows(Map<Role, Corpus> corpora, List<Checked> files) {
    Map<String, Checked> byPath = files.stream().collect(toMap(Checked::path, identity()));
    Map<String, String> firstWith = new HashMap<>(); // digest to path
    List<Row> rows = new ArrayList<>();
    corpora.forEach(
        (role, corpus) -> {
          for (SourceVideo video : corpus.videos()) {
            Checked file = byPath.get(video.path());
            String first =
                file.digest().isEmpty()
                    ? file.path()
                    : firstWith.computeIfAbsent(file.digest(), digest -> file.path());
            String sameAs = first.equals(file.path()) ? "" : first;
            Checked found = withLabel(file, role, video.label());
            rows.add(row(role, video.id(), video.label(), found, sameAs));
          }
          for (Quarantined no : corpus.refused()) {
            Checked none = new Checked("", 0, "", CheckJob.NO_VIDEO, no.reason(), no.detail());
            rows.add(row(role, no.source(), "", none, ""));
          }
        });
    return rows;
  }

  /** A video without the label that its corpus needs gives no clip. */
  private static Checked withLabel(Checked file, Role role, String label) {
    if (role == Role.PRETRAIN || !label.isEmpty() || !file.readable()) {
      return file;
    }
    String detail = "data.%s needs labels".formatted(role.word());
    return new Checked(file.path(), file.bytes(), file.digest(), file.info(), "UNLABELLED", detail);
  }

  private static Row row(Role role, String id, String label, Checked file, String sameAs) {
    var info = file.info();
    return RowFactory.create(
        role.word(),
        id,
        label,
        file.path(),
        file.bytes(),
        info.codec(),
        info.width(),
        info.height(),
        info.frames(),
        info.framesPerSecond(),
        info.seconds(),
        info.warnings(),
        file.reason(),
        file.detail(),
        file.digest(),
        sameAs);
  }

  /** One line for people. */
  String sentence() {
    Row counts =
        table
            .selectExpr(
                "count(*)",
                "count_if(reason = '')",
                "count_if(reason != '')",
                "count_if(same_as != '')",
                "count_if(warnings > 0)")
            .first();
    return "%d videos asked for: %d give clips, %d do not; %d have the bytes of another; %d have flaws"
        .formatted(IntStream.range(0, counts.size()).mapToObj(counts::get).toArray());
  }

  /** All of it as a section of a page: the queries of {@code corpus.sql} under their captions. */
  Tables page(String sentence, double failureBudget) throws IOException {
    table.createOrReplaceTempView("corpus");
    String lead =
        "%s. data.failure-budget lets %s of a corpus give none."
            .formatted(sentence, NumberText.percent(failureBudget));
    List<Table> tables = new ArrayList<>();
    try (InputStream in = CorpusCheck.class.getResourceAsStream("corpus.sql")) {
      String all = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      for (String captioned : all.substring(3).split("\n-- ", -1)) {
        String[] query = captioned.split("\n", 2);
        tables.add(table(query[0], table.sparkSession().sql(query[1])));
      }
    }
    return new Tables("Corpus", lead, tables);
  }

  private static Table table(String caption, Dataset<Row> of) {
    return new Table(
        caption,
        List.of(of.columns()),
        of.collectAsList().stream()
            .map(row -> IntStream.range(0, row.size()).mapToObj(i -> text(row.get(i))).toList())
            .toList());
  }

  private static String text(Object cell) {
    return cell instanceof Double number
        ? NumberText.of(number)
        : cell instanceof Number count ? NumberText.count(count.longValue()) : String.valueOf(cell);
  }
}
