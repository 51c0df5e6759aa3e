package io.tubelet.spark.stage;

import io.tubelet.engine.EngineProvider;
import io.tubelet.engine.EngineProvider.Availability;
import io.tubelet.engine.Placement.Device;
import io.tubelet.report.HtmlReport;
import io.tubelet.report.RunReport;
import io.tubelet.report.RunReport.Cover;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.files.Failure.DataException;
import io.tubelet.spark.train.RunFolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;

/**
 * {@code doctor}: says what this machine can compute with, and why not with the rest; with {@code
 * --data}, what is in the corpora, as a table and a page in the run's folder {@code doctor/}.
 */
final class DoctorStage {
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
    CorpusCheck check = CorpusCheck.of(run);
    RunFolder folder = run.folder();
    DataFrameWriter<Row> table = check.table().write().mode(SaveMode.Overwrite);
    table.parquet(folder.file("doctor/corpus.parquet").toString());
    table
        .option("header", true)
        .option("escape", "\"")
        .csv(folder.file("doctor/corpus.csv").toString());
    String said = check.sentence();
    Cover cover = new Cover(config.run().name(), Instant.now(), said, "", List.of(), List.of());
    RunReport page = RunReport.of(cover).with(check.page(said, config.data().failureBudget()));
    folder.write("doctor/corpus.html", HtmlReport.render(page).getBytes(StandardCharsets.UTF_8));
    return Outcome.done("%s; %s".formatted(said, folder.file("doctor/corpus.html")));
  }
}
