package io.tubelet.spark.stage;

import io.tubelet.clip.FrameOrder;
import io.tubelet.spark.config.ExperimentConfig.Judge;
import io.tubelet.spark.config.ExperimentConfig.Trial;
import io.tubelet.spark.config.FinetuneConfig.Start;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.run.Event;
import io.tubelet.spark.run.EventLog;
import io.tubelet.spark.run.RunFolder;
import io.tubelet.spark.store.Digest;
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
record TrialRun(Trial trial, Judge judge) {
  private static final int DIGITS = 12;

  private JobConfig config() {
    return trial.config();
  }

  private static String digest(Object... parts) {
    return Digest.of(List.of(parts).toString()).substring(0, DIGITS);
  }

  /** Whether it needs a pretraining of its own. */
  boolean pretrains() {
    return judge == Judge.LOSS || config().finetune().from() instanceof Start.Pretrained;
  }

  String pretrainingDigest() {
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

  private String folder(String kind, String digest) {
    return "%s/%s/seed-%d-%s".formatted(config().run().dir(), kind, trial.seed(), digest);
  }

  /** Pretrains, fine-tunes and evaluates as far as that is wanted and not done. */
  Outcome run(SparkSession spark) throws IOException, InterruptedException {
    if (judge == Judge.ACCURACY && evaluated(spark, last()).isPresent()) {
      return Outcome.alreadyDone(trial.arm().name());
    }
    Run run = new Run(config(), spark);
    Run pretraining = run.with("run.dir=" + pretrainingFolder());
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
    String folder = "run.dir=" + folder("arms", digest());
    return pretrains()
        ? run.with(folder, "finetune.from=" + pretraining.checkpoint(PretrainStage.NAME))
        : run.with(folder);
  }

  private String pretrainingFolder() {
    return folder("pretraining", pretrainingDigest());
  }

  private String model() {
    return config().finetune().from() instanceof Start.Scratch
        ? FinetuneStage.SCRATCH
        : FinetuneStage.PRETRAINED;
  }

  /** The frame order that is judged last. */
  private FrameOrder last() {
    List<FrameOrder> orders = EvaluateStage.frames(config());
    return orders.get(orders.size() - 1);
  }

  Optional<Evaluated> evaluated(SparkSession spark, FrameOrder frames) {
    RunFolder folder = folder(spark, folder("arms", digest()));
    String name = EvaluateStage.named(model(), frames);
    return Evaluated.read(folder.hadoop(), folder.file(Evaluated.file(name)));
  }

  /** Rounds of the pretraining; none if there was none. */
  List<Event> pretraining(SparkSession spark) {
    return pretrains() ? events(spark, pretrainingFolder(), PretrainStage.NAME) : List.of();
  }

  /** Rounds of the fine-tuning; none if there was none. */
  List<Event> finetuning(SparkSession spark) {
    return events(spark, folder("arms", digest()), model());
  }

  private static List<Event> events(SparkSession spark, String root, String training) {
    RunFolder folder = folder(spark, root);
    return EventLog.read(folder.hadoop(), folder.events(training));
  }

  private static RunFolder folder(SparkSession spark, String root) {
    return new RunFolder(spark.sparkContext().hadoopConfiguration(), new Path(root));
  }
}
