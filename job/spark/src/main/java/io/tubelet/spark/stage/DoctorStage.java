package io.tubelet.spark.stage;

import io.tubelet.engine.Device;
import io.tubelet.engine.EngineProvider;
import io.tubelet.engine.EngineProvider.Availability;
import io.tubelet.report.Cover;
import io.tubelet.report.HtmlReport;
import io.tubelet.report.RunReport;
import io.tubelet.spark.config.DataConfig;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.corpus.Corpus;
import io.tubelet.spark.corpus.SourceVideo;
import io.tubelet.spark.failure.DataException;
import io.tubelet.spark.prepare.CheckJob;
import io.tubelet.spark.prepare.Checked;
import io.tubelet.spark.run.RunFolder;
import io.tubelet.video.SamplingSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;

/**
 * {@code doctor}: says what this machine can compute with, and why not with the rest; with {@code
 * --data}, what is in the corpora, as a table and a page in the run's folder {@code doctor/}.
 */
final class DoctorStage implements Stage {

  @Override
  public Outcome run(JobConfig config, SparkSession spark) throws IOException {
    return config.doctor().data() ? data(config, spark) : machine(spark);
  }

  private static Outcome machine(SparkSession spark) {
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

  private static Outcome data(JobConfig config, SparkSession spark) throws IOException {
    if (config.data().corpora().isEmpty()) {
      throw new DataException(
          "no data to look at: set data.pretrain.source, data.train.source or data.test.source");
    }
    CorpusCheck check = check(config, spark);
    RunFolder folder = TrainingStage.folder(config, spark);
    Dataset<Row> table =
        spark
            .createDataFrame(
                check.rows().stream().map(CorpusCheck.Item::row).toList(), CorpusCheck.COLUMNS)
            .coalesce(1);
    table.write().mode(SaveMode.Overwrite).parquet(folder.file("doctor/corpus.parquet").toString());
    table
        .write()
        .mode(SaveMode.Overwrite)
        .option("header", true)
        .option("escape", "\"")
        .csv(folder.file("doctor/corpus.csv").toString());
    Cover cover =
        new Cover(config.run().name(), Instant.now(), check.sentence(), "", List.of(), List.of());
    RunReport page = RunReport.of(cover).with(CorpusPage.of(check, config.data().failureBudget()));
    folder.write("doctor/corpus.html", HtmlReport.render(page).getBytes(StandardCharsets.UTF_8));
    return Outcome.done("%s; %s".formatted(check.sentence(), folder.file("doctor/corpus.html")));
  }

  /** Looks at every file once, however many corpora ask for it. */
  private static CorpusCheck check(JobConfig config, SparkSession spark) throws IOException {
    Map<DataConfig.Corpus, Corpus> corpora = new LinkedHashMap<>();
    for (DataConfig.Corpus settings : config.data().corpora()) {
      corpora.put(settings, PrepareStage.list(config, spark, settings));
    }
    List<String> paths =
        corpora.values().stream()
            .flatMap(corpus -> corpus.videos().stream())
            .map(SourceVideo::path)
            .distinct()
            .toList();
    DataConfig data = config.data();
    SamplingSpec spec =
        new SamplingSpec(
            config.model().spec().geometry().frames(),
            data.corpora().get(0).stride(),
            1,
            data.shortSide());
    List<Checked> files =
        new CheckJob(spec, PrepareStage.limits(data), PrepareStage.decoding(data))
            .run(new JavaSparkContext(spark.sparkContext()), paths);
    CorpusCheck.Builder rows = new CorpusCheck.Builder(files);
    corpora.forEach(
        (settings, corpus) -> rows.add(settings.role(), corpus.videos(), corpus.refused()));
    return rows.build();
  }
}
