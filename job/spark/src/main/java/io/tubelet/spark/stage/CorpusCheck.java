package io.tubelet.spark.stage;

import static java.util.function.Function.identity;
import static java.util.stream.Collectors.toMap;

import io.tubelet.spark.config.DataConfig;
import io.tubelet.spark.config.DataConfig.Role;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.data.CheckJob;
import io.tubelet.spark.data.CheckJob.Checked;
import io.tubelet.spark.data.Corpus;
import io.tubelet.spark.data.Corpus.SourceVideo;
import io.tubelet.spark.data.Quarantined;
import io.tubelet.video.Windows.SamplingSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * What {@code doctor --data} found: a row for every video that a corpus asks for.
 *
 * @param rows in the order of the corpora
 */
record CorpusCheck(List<Item> rows) {
  static final StructType COLUMNS =
      StructType.fromDDL(
          """
          corpus STRING, id STRING, label STRING, path STRING, bytes BIGINT, codec STRING,
          width INT, height INT, frames INT, frames_per_second DOUBLE, seconds DOUBLE,
          warnings INT, reason STRING, detail STRING, digest STRING, same_as STRING
          """);

  /**
   * A video of a corpus.
   *
   * @param sameAs the first file with the same bytes, if this is another; else empty
   */
  record Item(String corpus, String id, String label, Checked file, String sameAs) {

    boolean duplicate() {
      return !sameAs.isEmpty();
    }

    Row row() {
      var info = file.info();
      return RowFactory.create(
          corpus,
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
  }

  /** Inspects every file once, however many corpora ask for it. */
  static CorpusCheck of(JobConfig config, SparkSession spark) throws IOException {
    DataConfig data = config.data();
    Map<Role, Corpus> corpora = new EnumMap<>(Role.class);
    for (DataConfig.Corpus settings : data.corpora()) {
      corpora.put(settings.role(), PrepareStage.list(config, spark, settings));
    }
    List<String> paths =
        corpora.values().stream()
            .flatMap(corpus -> corpus.videos().stream())
            .map(SourceVideo::path)
            .distinct()
            .toList();
    SamplingSpec spec =
        new SamplingSpec(
            config.model().spec().geometry().frames(),
            data.corpora().get(0).stride(),
            1,
            data.shortSide());
    List<Checked> files =
        new CheckJob(spec, PrepareStage.limits(data), PrepareStage.decoding(data))
            .run(new JavaSparkContext(spark.sparkContext()), paths);
    return of(corpora, files);
  }

  private static CorpusCheck of(Map<Role, Corpus> corpora, List<Checked> files) {
    Map<String, Checked> byPath = files.stream().collect(toMap(Checked::path, identity()));
    Map<String, String> firstWith = new HashMap<>(); // digest to path
    List<Item> rows = new ArrayList<>();
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
            rows.add(new Item(role.word(), video.id(), video.label(), found, sameAs));
          }
          for (Quarantined no : corpus.refused()) {
            Checked none = new Checked("", 0, "", CheckJob.NO_VIDEO, no.reason(), no.detail());
            rows.add(new Item(role.word(), no.source(), "", none, ""));
          }
        });
    return new CorpusCheck(List.copyOf(rows));
  }

  /** A video without the label that its corpus needs gives no clip. */
  private static Checked withLabel(Checked file, Role role, String label) {
    if (role == Role.PRETRAIN || !label.isEmpty() || !file.readable()) {
      return file;
    }
    String detail = "data.%s needs labels".formatted(role.word());
    return new Checked(file.path(), file.bytes(), file.digest(), file.info(), "UNLABELLED", detail);
  }

  long faults() {
    return rows.stream().filter(item -> !item.file.readable()).count();
  }

  /** One line for people. */
  String sentence() {
    return "%d videos asked for: %d give clips, %d do not; %d have the bytes of another; %d have flaws"
        .formatted(
            rows.size(),
            rows.size() - faults(),
            faults(),
            rows.stream().filter(Item::duplicate).count(),
            rows.stream().filter(item -> item.file.info().warnings() > 0).count());
  }
}
