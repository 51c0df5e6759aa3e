package io.tubelet.spark.stage;

import io.tubelet.report.Experiment;
import io.tubelet.report.HtmlReport;
import io.tubelet.spark.config.ExperimentConfig;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.files.Failure.DataException;
import io.tubelet.spark.train.RunFolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/**
 * {@code experiment}: every arm with every seed, one after the other; then the table. A stopped run
 * resumes with the same command; what is done is not done again.
 */
final class ExperimentStage implements Stage {
  private static final String OVERVIEW = "README.md";

  @Override
  public Outcome run(Run run) throws IOException, InterruptedException {
    JobConfig config = run.config();
    SparkSession spark = run.session();
    ExperimentConfig experiment = config.experiment();
    List<TrialRun> trials =
        experiment.trials(config).stream()
            .map(trial -> new TrialRun(trial, experiment.judge(), spark))
            .toList();
    if (trials.isEmpty()) {
      throw new DataException("experiment.arms and experiment.seeds name nothing to run");
    }
    for (int i = 0; i < trials.size(); i++) {
      TrialRun trial = trials.get(i);
      System.out.printf(
          "%d of %d: %s, seed %d%n",
          i + 1, trials.size(), trial.trial().arm().name(), trial.trial().seed());
      if (trial.run().status() == Outcome.Status.INTERRUPTED) {
        return Outcome.interrupted("%d of %d trials done".formatted(i, trials.size()));
      }
    }
    RunFolder results =
        new RunFolder(spark.sparkContext().hadoopConfiguration(), new Path(experiment.to()));
    Experiment findings = TrialFindings.of(config, spark, trials);
    for (int i = 0; i < findings.charts().size(); i++) {
      write(results, findings.file(i), HtmlReport.file(findings.charts().get(i)));
    }
    write(results, findings.file(), findings.markdown());
    write(results, OVERVIEW, Experiment.overview(pages(results)));
    return Outcome.done(results.file(findings.file()).toString());
  }

  private static void write(RunFolder results, String file, String text) throws IOException {
    results.write(file, text.getBytes(StandardCharsets.UTF_8));
  }

  private static SortedMap<String, String> pages(RunFolder results) throws IOException {
    FileSystem files = results.root().getFileSystem(results.hadoop());
    SortedMap<String, String> pages = new TreeMap<>();
    for (FileStatus file : files.listStatus(results.root())) {
      String name = file.getPath().getName();
      if (name.endsWith(".md") && !name.equals(OVERVIEW)) {
        try (FSDataInputStream in = files.open(file.getPath())) {
          pages.put(name, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
      }
    }
    return pages;
  }
}
