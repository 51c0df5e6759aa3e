package io.tubelet.spark.stage;

import io.tubelet.evaluation.Accuracy;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.Parameters;
import io.tubelet.spark.config.DataConfig.Role;
import io.tubelet.spark.config.EvaluationConfig;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.failure.StateException;
import io.tubelet.spark.inference.ClassifyJob;
import io.tubelet.spark.run.RunFolder;
import io.tubelet.spark.store.CubeStore;
import io.tubelet.spark.store.Json;
import io.tubelet.spark.store.Labels;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * {@code evaluate}: the fine-tuned model, and the one from scratch if there is one, on test videos.
 */
final class EvaluateStage implements Stage {

  @Override
  public Outcome run(JobConfig config, SparkSession spark) throws IOException {
    RunFolder folder = TrainingStage.folder(config, spark);
    Outcome outcome = null;
    for (String name : List.of(FinetuneStage.PRETRAINED, FinetuneStage.SCRATCH)) {
      Optional<Path> checkpoint = folder.checkpoints(name).newest();
      if (checkpoint.isPresent()) {
        Outcome one = evaluate(config, spark, name, checkpoint.get());
        outcome = outcome == null ? one : outcome.and(one);
      }
    }
    if (outcome == null) {
      throw new StateException(
          "no fine-tuned checkpoint in %s: run `finetune` first".formatted(folder.root()));
    }
    return outcome;
  }

  private static Outcome evaluate(
      JobConfig config, SparkSession session, String name, Path checkpoint) throws IOException {
    RunFolder folder = TrainingStage.folder(config, session);
    CubeStore test = PrepareStage.open(config, session, Role.TEST);
    Labels labels = new Labels(ExportStage.labels(folder.hadoop(), checkpoint));
    Parameters weights = ExportStage.weights(folder.hadoop(), checkpoint, config.model().spec());
    ModelSpec model = weights.layout().model();
    JavaSparkContext spark = new JavaSparkContext(session.sparkContext());
    spark.setJobDescription("evaluate " + name);
    EvaluationConfig views = config.evaluate();
    ClassifyJob job =
        new ClassifyJob(
            Networks.inference(config, session, model),
            labels,
            new ClassifyJob.Protocol(views.clips(), views.crops(), views.batch(), views.top()),
            Math.max(1, spark.defaultParallelism()));
    Accuracy accuracy = job.run(spark, test, weights);
    Evaluated evaluated =
        new Evaluated(
            checkpoint.toString(),
            labels.names(),
            views.clips(),
            views.crops(),
            test.quarantined().size(),
            accuracy);
    Json.write(folder.hadoop(), folder.file(Evaluated.file(name)), evaluated);
    return Outcome.done(sentence(name, evaluated));
  }

  /** One line for people. */
  static String sentence(String name, Evaluated evaluated) {
    Accuracy accuracy = evaluated.accuracy();
    return String.format(
        Locale.ROOT,
        "%s: top-1 %.1f %%, top-%d %.1f %% of %d videos (of %d asked for, %d quarantined)",
        name,
        100 * accuracy.top1Share(),
        accuracy.k(),
        100 * accuracy.topKShare(),
        accuracy.videos(),
        evaluated.asked(),
        evaluated.quarantined());
  }
}
