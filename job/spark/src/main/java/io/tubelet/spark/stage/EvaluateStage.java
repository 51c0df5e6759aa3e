package io.tubelet.spark.stage;

import io.tubelet.clip.FrameOrder;
import io.tubelet.evaluation.Accuracy;
import io.tubelet.model.Parameters;
import io.tubelet.spark.config.DataConfig.Role;
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
import java.util.stream.Stream;
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
      Optional<Path> checkpoint = Choice.of(folder, name);
      if (checkpoint.isPresent()) {
        for (FrameOrder frames : frames(config)) {
          Outcome one = evaluate(config, spark, name, checkpoint.get(), frames);
          outcome = outcome == null ? one : outcome.and(one);
        }
      }
    }
    if (outcome == null) {
      throw new StateException(
          "no fine-tuned checkpoint in %s: run `finetune` first".formatted(folder.root()));
    }
    return outcome;
  }

  static List<FrameOrder> frames(JobConfig config) {
    return Stream.concat(Stream.of(FrameOrder.AS_IS), config.evaluate().controls().stream())
        .distinct()
        .toList();
  }

  /** The name of a model's evaluation. */
  static String named(String model, FrameOrder frames) {
    return frames == FrameOrder.AS_IS
        ? model
        : model + "-" + frames.name().toLowerCase(Locale.ROOT);
  }

  private static Outcome evaluate(
      JobConfig config, SparkSession session, String model, Path checkpoint, FrameOrder frames)
      throws IOException {
    String name = named(model, frames);
    RunFolder folder = TrainingStage.folder(config, session);
    CubeStore test = PrepareStage.open(config, session, Role.TEST);
    Labels labels = new Labels(ExportStage.labels(folder.hadoop(), checkpoint));
    Parameters weights = ExportStage.weights(folder.hadoop(), checkpoint, config.model().spec());
    JavaSparkContext spark = new JavaSparkContext(session.sparkContext());
    spark.setJobDescription("evaluate " + name);
    JobConfig.Evaluation views = config.evaluate();
    ClassifyJob job =
        new ClassifyJob(
            Networks.inference(config, session, weights.layout().model()),
            labels,
            new ClassifyJob.Protocol(
                views.clips(), views.crops(), views.batch(), views.top(), frames),
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
    evaluated
        .perClass()
        .forEach(
            (label, share) ->
                System.out.printf(Locale.ROOT, "%5.1f %% of %s%n", 100 * share, label));
    return Outcome.done(sentence(name, evaluated));
  }

  /** One line for people. */
  static String sentence(String name, Evaluated evaluated) {
    Accuracy accuracy = evaluated.accuracy();
    return String.format(
        Locale.ROOT,
        "%s: top-1 %.1f %% (95 %%: %.1f to %.1f), top-%d %.1f %% of %d videos (of %d asked for, %d"
            + " quarantined)",
        name,
        100 * accuracy.top1Share(),
        100 * accuracy.interval().low(),
        100 * accuracy.interval().high(),
        accuracy.k(),
        100 * accuracy.topKShare(),
        accuracy.videos(),
        evaluated.asked(),
        evaluated.quarantined());
  }
}
