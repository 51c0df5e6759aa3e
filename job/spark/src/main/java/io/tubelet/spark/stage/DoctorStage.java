package io.tubelet.spark.stage;

import static java.util.function.Function.identity;
import static java.util.stream.Collectors.toMap;

import io.tubelet.engine.EngineProvider;
import io.tubelet.engine.EngineProvider.Availability;
import io.tubelet.engine.Placement.Device;
import io.tubelet.report.HtmlReport;
import io.tubelet.report.Part.Tables;
import io.tubelet.report.Part.Tables.Table;
import io.tubelet.report.RunReport;
import io.tubelet.report.RunReport.Cover;
import io.tubelet.report.picture.NumberText;
import io.tubelet.spark.config.DataConfig;
import io.tubelet.spark.config.DataConfig.Role;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.data.CheckJob;
import io.tubelet.spark.data.CheckJob.Checked;
import io.tubelet.spark.data.Corpus;
import io.tubelet.spark.data.Corpus.SourceVideo;
import io.tubelet.spark.data.Quarantined;
import io.tubelet.spark.files.Failure.DataException;
import io.tubelet.spark.train.RunFolder;
import io.tubelet.video.Windows.SamplingSpec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * {@code doctor}: says what this machine can compute with, and why not with the rest; with {@code
 * --data}, what is in the corpora, as a table and a page in the run's folder {@code doctor/}.
 */
final class DoctorStage {
  private static final StructType COLUMNS =
      StructType.fromDDL(
          """
          corpus STRING, id STRING, label STRING, path STRING, bytes BIGINT, codec STRING,
          width INT, height INT, frames INT, frames_per_second DOUBLE, seconds DOUBLE,
          warnings INT, reason STRING, detail STRING, digest STRING, same_as STRING
          """);

  private DoctorStage() {}

  static Outcome machine(Run run) {
    SparkSession spark = run.session();
    System.out.printf(
        "java %s, spark %s at %s, %d processors%n",
        System.getProperty("java.version"),
        spark.version(),
        spark.sparkContext().master(),
        Runtime.getRuntime().availableProcessors());
    for (EngineProvider provider : EngineProvider.all()) {
      for (Device device : List.of(Device.CPU, Device.cuda(0))) {
        Availability availability = provider.on(device);
        System.out.printf(
            "engine %-5s on %-7s %s: %s%n",
            provider.name(),
            device,
            availability.usable() ? "usable" : "not usable",
            availability.reason());
      }
      System.out.printf("engine %-5s %s%n", provider.name(), provider.describe());
    }
    return Outcome.done("looked at %d engines".formatted(EngineProvider.all().size()));
  }

  static Outcome data(Run run) throws IOException {
    JobConfig config = run.config();
    if (config.data().corpora().isEmpty()) {
      throw new DataException(
          "no data to look at: set data.pretrain.source, data.train.source or data.test.source");
    }
    Dataset<Row> table = run.session().createDataFrame(look(run), COLUMNS).coalesce(1);
    RunFolder folder = run.folder();
    DataFrameWriter<Row> writer = table.write().mode(SaveMode.Overwrite);
    writer.parquet(folder.file("doctor/corpus.parquet").toString());
    writer
        .option("header", true)
        .option("escape", "\"")
        .csv(folder.file("doctor/corpus.csv").toString());
    String said = sentence(table);
    Cover cover = new Cover(config.run().name(), Instant.now(), said, "", List.of(), List.of());
    RunReport page = RunReport.of(cover).with(page(table, said, config.data().failureBudget()));
    folder.write("doctor/corpus.html", HtmlReport.render(page).getBytes(StandardCharsets.UTF_8));
    return Outcome.done("%s; %s".formatted(said, folder.file("doctor/corpus.html")));
  }

  /**
   * A row for every video that a corpus asks for, in the order of the corpora; every file is
   * inspected once. {@code same_as} is the first file with the same bytes, if this is another.
   */
  private static List<Row> look(Run run) throws IOException {
    Map<Role, Corpus> corpora = new EnumMap<>(Role.class);
    for (DataConfig.Corpus settings : run.config().data().corpora()) {
      corpora.put(settings.role(), PrepareStage.list(run, settings));
    }
    Map<String, Checked> files = files(run, corpora.values());
    Map<String, String> firstWith = new HashMap<>(); // digest to path
    List<Row> rows = new ArrayList<>();
    corpora.forEach(
        (role, corpus) -> {
          for (SourceVideo video : corpus.videos()) {
            Checked file = files.get(video.path());
            String first =
                file.digest().isEmpty()
                    ? file.path()
                    : firstWith.computeIfAbsent(file.digest(), digest -> file.path());
            boolean nameless = file.readable() && role != Role.PRETRAIN && video.label().isEmpty();
            String why = "data.%s needs labels".formatted(role.word());
            Checked found = nameless ? file.refused("UNLABELLED", why) : file;
            String sameAs = first.equals(file.path()) ? "" : first;
            rows.add(row(role, video.id(), video.label(), found, sameAs));
          }
          Checked none = new Checked("", 0, "", CheckJob.NO_VIDEO, "", "");
          for (Quarantined no : corpus.refused()) {
            rows.add(row(role, no.source(), "", none.refused(no.reason(), no.detail()), ""));
          }
        });
    return rows;
  }

  private static Map<String, Checked> files(Run run, Collection<Corpus> corpora) {
    DataConfig data = run.config().data();
    List<String> paths =
        corpora.stream()
            .flatMap(corpus -> corpus.videos().stream())
            .map(SourceVideo::path)
            .distinct()
            .toList();
    int frames = run.network(0).geometry().frames();
    SamplingSpec spec =
        new SamplingSpec(frames, data.corpora().get(0).stride(), 1, data.shortSide());
    return new CheckJob(spec, PrepareStage.limits(data), PrepareStage.decoding(data))
        .run(run.spark(), paths).stream().collect(toMap(Checked::path, identity()));
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

  private static String sentence(Dataset<Row> table) {
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

  /** The table as a section of a page: the queries of {@code corpus.sql} under their captions. */
  private static Tables page(Dataset<Row> table, String sentence, double failureBudget)
      throws IOException {
    table.createOrReplaceTempView("corpus");
    String lead =
        "%s. data.failure-budget lets %s of a corpus give none."
            .formatted(sentence, NumberText.percent(failureBudget));
    List<Table> tables = new ArrayList<>();
    try (InputStream in = DoctorStage.class.getResourceAsStream("corpus.sql")) {
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
