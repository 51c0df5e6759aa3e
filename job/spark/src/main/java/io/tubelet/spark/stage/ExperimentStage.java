package io.tubelet.spark.stage;

import io.tubelet.clip.FrameOrder;
import io.tubelet.evaluate.Accuracy;
import io.tubelet.report.Experiment;
import io.tubelet.report.HtmlReport;
import io.tubelet.spark.config.ExperimentConfig;
import io.tubelet.spark.config.ExperimentConfig.Judge;
import io.tubelet.spark.config.ExperimentConfig.Trial;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.files.Failure.DataException;
import io.tubelet.spark.stage.EvaluateStage.Evaluated;
import io.tubelet.spark.train.RunFolder;
import io.tubelet.train.RoundMetrics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.commons.codec.digest.DigestUtils;
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

  /**
   * One arm with one seed, in folders that are named after all that decides what comes out: a
   * pretraining that several trials or folds want is done once, and another setting is another
   * folder.
   *
   * @param trial what to do
   * @param judge what it is judged by
   */
  record TrialRun(Trial trial, Judge judge, SparkSession spark) {
    private static final int DIGITS = 12;

    /** What all folds have in common. */
    private JobConfig config() {
      return trial.folds().get(0);
    }

    private static String digest(Object... parts) {
      return DigestUtils.sha256Hex(List.of(parts).toString()).substring(0, DIGITS);
    }

    /** Whether it needs a pretraining of its own. */
    boolean pretrains() {
      return judge == Judge.LOSS || config().finetune().from().equals(Run.PRETRAINING);
    }

    private boolean validates() {
      return config().finetune().training().selection().heldOut() > 0;
    }

    private String pretrainingDigest() {
      JobConfig config = config();
      return digest(
          config.model(),
          config.pretrain(),
          config.data().store(),
          config.master().kind(),
          trial.seed());
    }

    String digest() {
      return digest(trial.folds().stream().map(this::digest).toArray());
    }

    private String digest(JobConfig fold) {
      return digest(
          pretrainingDigest(),
          judge,
          fold.finetune(),
          fold.evaluate(),
          fold.data().corpora(),
          fold.data().heldOut());
    }

    private String pretrained() {
      return folder("pretraining", pretrainingDigest());
    }

    private String finetuned(JobConfig fold) {
      return folder("arms", digest(fold));
    }

    private String folder(String kind, String digest) {
      return "%s/%s/seed-%d-%s".formatted(config().run().dir(), kind, trial.seed(), digest);
    }

    /** Pretrains, fine-tunes and evaluates as far as that is wanted and not done. */
    Outcome run() throws IOException, InterruptedException {
      List<FrameOrder> orders = EvaluateStage.frames(config());
      if (judge == Judge.ACCURACY && evaluated(orders.get(orders.size() - 1)).isPresent()) {
        return Outcome.alreadyDone(trial.arm().name());
      }
      Run run = new Run(config(), spark);
      Run pretraining = run.with("run.dir=" + pretrained());
      List<Stage> stages = new ArrayList<>(List.of(new PrepareStage()));
      if (pretrains()) {
        stages.add(of -> TrainingStage.pretrain(pretraining));
      }
      if (judge != Judge.LOSS) {
        trial.folds().forEach(fold -> stages.add(of -> judged(fold, pretraining)));
      }
      return Stage.each(stages, stage -> stage.run(run));
    }

    private Outcome judged(JobConfig fold, Run pretraining)
        throws IOException, InterruptedException {
      Run run = new Run(fold, spark).with("run.dir=" + finetuned(fold));
      Run tuning =
          pretrains() ? run.with("finetune.from=" + pretraining.checkpoint(Run.PRETRAINING)) : run;
      List<Stage> stages = new ArrayList<>(List.of(new FinetuneStage()));
      if (judge == Judge.ACCURACY) {
        stages.add(new EvaluateStage());
      }
      return Stage.each(stages, stage -> stage.run(tuning));
    }

    private ReportResults results(String root) {
      return new ReportResults(
          new RunFolder(spark.sparkContext().hadoopConfiguration(), new Path(root)));
    }

    /** How it did on test videos, those of all folds; empty before it was evaluated. */
    Optional<Accuracy> evaluated(FrameOrder frames) {
      String model = EvaluateStage.named(FinetuneStage.model(config().finetune()), frames);
      List<Accuracy> folds =
          trial.folds().stream()
              .flatMap(fold -> results(finetuned(fold)).evaluated(model).stream())
              .map(Evaluated::accuracy)
              .toList();
      return Optional.of(folds)
          .filter(all -> all.size() == trial.folds().size())
          .map(Accuracy::pooled);
    }

    /** The best share of the validation split while it was fine-tuned, the mean over folds. */
    double validation() {
      return finetunings().stream()
          .mapToDouble(
              rounds ->
                  rounds.stream()
                      .filter(round -> round.validation() != null)
                      .mapToDouble(RoundMetrics::validation)
                      .max()
                      .orElse(Double.NaN))
          .average()
          .orElseThrow();
    }

    /** Rounds of the pretraining; none if there was none. */
    List<RoundMetrics> pretraining() {
      return pretrains() ? results(pretrained()).rounds(Run.PRETRAINING) : List.of();
    }

    /** Clips that the pretraining has seen, each as often as it was seen. */
    long samples() {
      return Math.round(
          pretraining().stream().mapToDouble(r -> r.clipsPerSecond() * r.seconds().total()).sum());
    }

    /** Rounds of each fold's fine-tuning; none if there was none. */
    List<List<RoundMetrics>> finetunings() {
      String model = FinetuneStage.model(config().finetune());
      return trial.folds().stream().map(fold -> results(finetuned(fold)).rounds(model)).toList();
    }
  }

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
    for (TrialRun trial : trials) {
      if (trial.judge() == Judge.VALIDATION && !trial.validates()) {
        throw new DataException(
            "experiment.judge = validation needs finetune.validation above 0; arm \"%s\" has none"
                .formatted(trial.trial().arm().name()));
      }
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
    Experiment findings = TrialFindings.of(run, trials);
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
