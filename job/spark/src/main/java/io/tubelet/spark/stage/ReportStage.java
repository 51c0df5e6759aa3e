package io.tubelet.spark.stage;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.report.Attention;
import io.tubelet.report.Comparison;
import io.tubelet.report.Cover;
import io.tubelet.report.FineTuning;
import io.tubelet.report.HtmlReport;
import io.tubelet.report.Reconstructions;
import io.tubelet.report.RunReport;
import io.tubelet.report.Tables;
import io.tubelet.report.advice.Checkup;
import io.tubelet.report.advice.Setup;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.inference.ReconstructJob.Shown;
import io.tubelet.spark.run.RunFolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/** {@code report}: gathers what the run has written so far into one offline {@code report.html}. */
final class ReportStage implements Stage {
  static final String FILE = "report.html";

  @Override
  public Outcome run(JobConfig config, SparkSession spark) throws IOException {
    RunFolder folder = TrainingStage.folder(config, spark);
    folder.write(FILE, HtmlReport.render(report(config, spark)).getBytes(StandardCharsets.UTF_8));
    return Outcome.done(folder.file(FILE).toString());
  }

  /** All that there is to tell, what is odd about it first. */
  static RunReport report(JobConfig config, SparkSession spark) {
    RunFolder folder = TrainingStage.folder(config, spark);
    ReportParts parts = new ReportParts(config, spark, folder);
    RunReport report = RunReport.of(cover(config, spark, folder));
    Optional<Path> checkpoint = folder.checkpoints(PretrainStage.NAME).newest();
    if (checkpoint.isPresent()) {
      report = report.with(parts.pretraining());
    }
    boolean clips = checkpoint.isPresent() && parts.hasClips();
    if (clips) {
      List<Shown> shown = ReconstructStage.clips(config, spark, checkpoint.get());
      report =
          report
              .with(new Reconstructions(shown.stream().map(Shown::reconstruction).toList()))
              .with(new Attention(shown.stream().map(Shown::attention).toList()));
    }
    List<FineTuning.Trained> models = parts.models();
    if (!models.isEmpty()) {
      report = report.with(new FineTuning(parts.budget(), models));
    }
    Optional<Tables> evaluations = ReportResults.table(folder);
    if (evaluations.isPresent()) {
      report = report.with(evaluations.get());
    }
    if (clips && config.report().mapClips() > 0) {
      report = report.with(parts.map(checkpoint.get()));
    }
    report = report.with(parts.dataHealth());
    List<Comparison.Run> others = parts.others();
    if (!others.isEmpty()) {
      List<Comparison.Run> all = new ArrayList<>(List.of(parts.itself()));
      all.addAll(others);
      report = report.with(new Comparison(all));
    }
    return report.ledBy(Checkup.of(report, setup(config, folder, checkpoint)));
  }

  private static Setup setup(JobConfig config, RunFolder folder, Optional<Path> checkpoint) {
    ClipGeometry clip = config.model().spec().geometry();
    double hidden = config.model().masking().hidden(clip) / (double) clip.tokens();
    PixelStatistics pixels =
        checkpoint
            .map(path -> PixelStatistics.of(folder.hadoop(), path))
            .orElse(PixelStatistics.UNKNOWN);
    return new Setup(hidden, pixels.mean(), pixels.deviation());
  }

  private static Cover cover(JobConfig config, SparkSession spark, RunFolder folder) {
    List<Cover.Fact> facts =
        List.of(
            new Cover.Fact("Run folder", folder.root().toString()),
            new Cover.Fact("Network", config.model().spec().toString()),
            new Cover.Fact("Masking", config.model().masking().toString()),
            new Cover.Fact("Engine", config.execution().engine().toString()),
            new Cover.Fact("Master", config.execution().master().toString()),
            new Cover.Fact("Spark", spark.version() + ", " + spark.sparkContext().master()),
            new Cover.Fact("Java", System.getProperty("java.version")),
            new Cover.Fact(
                "Machine",
                "%s %s, %d processors"
                    .formatted(
                        System.getProperty("os.name"),
                        System.getProperty("os.arch"),
                        Runtime.getRuntime().availableProcessors())));
    return new Cover(
        config.run().name(),
        Instant.now(),
        ReportResults.summary(folder),
        command(config),
        facts,
        ReportCost.of(folder));
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
