package io.tubelet.spark.stage;

import io.tubelet.clip.FrameOrder;
import io.tubelet.evaluate.Accuracy;
import io.tubelet.spark.config.ExperimentConfig.Judge;
import io.tubelet.spark.config.ExperimentConfig.Trial;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.files.Digest;
import io.tubelet.spark.train.RunFolder;
import io.tubelet.train.RoundMetrics;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/**
 * One arm with one seed, in folders that are named after all that decides what comes out: a
 * pretraining that several trials want is done once, and another setting is another folder.
 *
 * @param trial what to do
 * @param judge what it is judged by
 */
record TrialRun(Trial trial, Judge judge, SparkSession spark) {
  private static final int DIGITS = 12;

  private JobConfig config() {
    return trial.config();
  }

  private static String digest(Object... parts) {
    return Digest.of(List.of(parts).toString()).substring(0, DIGITS);
  }

  /** Whether it needs a pretraining of its own. */
  boolean pretrains() {
    return judge == Judge.LOSS || config().finetune().from().equals(PretrainStage.NAME);
  }

  private String pretrainingDigest() {
    JobConfig config = config();
    return digest(
        config.model(),
        config.pretrain(),
        config.data().store(),
        config.execution().master().kind(),
        trial.seed());
  }

  String digest() {
    JobConfig config = config();
    return digest(
        pretrainingDigest(), judge, config.finetune(), config.evaluate(), config.data().corpora());
  }

  private String pretrained() {
    return folder("pretraining", pretrainingDigest());
  }

  private String finetuned() {
    return folder("arms", digest());
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
      stages.add(of -> new PretrainStage().run(pretraining));
    }
    if (judge == Judge.ACCURACY) {
      List<Stage> judged = List.of(new FinetuneStage(), new EvaluateStage());
      stages.add(of -> Stage.inTurn(judged).run(finetuning(of, pretraining)));
    }
    return Stage.inTurn(stages).run(run);
  }

  private Run finetuning(Run run, Run pretraining) {
    String folder = "run.dir=" + finetuned();
    return pretrains()
        ? run.with(folder, "finetune.from=" + pretraining.checkpoint(PretrainStage.NAME))
        : run.with(folder);
  }

  private ReportResults results(String root) {
    return new ReportResults(
        new RunFolder(spark.sparkContext().hadoopConfiguration(), new Path(root)));
  }

  /** How it did on test videos; empty before it was evaluated. */
  Optional<Accuracy> evaluated(FrameOrder frames) {
    return results(finetuned())
        .evaluated(EvaluateStage.named(FinetuneStage.model(config().finetune()), frames))
        .map(Evaluated::accuracy);
  }

  /** Rounds of the pretraining; none if there was none. */
  List<RoundMetrics> pretraining() {
    return pretrains() ? results(pretrained()).rounds(PretrainStage.NAME) : List.of();
  }

  /** Rounds of the fine-tuning; none if there was none. */
  List<RoundMetrics> finetuning() {
    return results(finetuned()).rounds(FinetuneStage.model(config().finetune()));
  }
}
