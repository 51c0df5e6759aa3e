package io.tubelet.spark.stage;

import io.tubelet.report.Diagnostics;
import io.tubelet.report.HtmlReport;
import io.tubelet.report.RunReport;
import io.tubelet.report.RunReport.Fact;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.train.RunFolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;

/** {@code report}: gathers what the run has written so far into one offline {@code report.html}. */
final class ReportStage implements Stage {
  static final String FILE = "report.html";

  @Override
  public Outcome run(Run run) throws IOException {
    RunFolder folder = run.folder();
    folder.write(FILE, HtmlReport.render(report(run)).getBytes(StandardCharsets.UTF_8));
    return Outcome.done(folder.file(FILE).toString());
  }

  /** All that there is to tell, what is odd about it first. */
  static RunReport report(Run run) {
    RunReport report = new RunReport(cover(run), new ReportParts(run).all());
    return report.ledBy(Diagnostics.of(report));
  }

  private static RunReport.Cover cover(Run run) {
    JobConfig config = run.config();
    RunFolder folder = run.folder();
    SparkSession spark = run.session();
    String machine =
        "%s %s, %d processors"
            .formatted(
                System.getProperty("os.name"),
                System.getProperty("os.arch"),
                Runtime.getRuntime().availableProcessors());
    ReportResults results = new ReportResults(folder);
    return new RunReport.Cover(
        config.run().name(),
        Instant.now(),
        results.summary(),
        command(config),
        List.of(
            new Fact("Run folder", folder.root().toString()),
            new Fact("Network", config.model().spec().toString()),
            new Fact("Masking", config.model().masking().toString()),
            new Fact("Engine", config.execution().engine().toString()),
            new Fact("Master", config.execution().master().toString()),
            new Fact("Spark", spark.version() + ", " + spark.sparkContext().master()),
            new Fact("Java", System.getProperty("java.version")),
            new Fact("Machine", machine)),
        results.costs());
  }

  /** A line that runs the same again, without the files that the settings came from. */
  private static String command(JobConfig config) {
    return String.join(
        " \\\n  ",
        Stream.concat(
                Stream.of("deploy/submit.sh local pipeline -"),
                config.run().changed().stream().map(setting -> "'" + setting + "'"))
            .toList());
  }
}
