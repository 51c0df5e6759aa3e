package io.tubelet.spark.stage;

import io.tubelet.clip.FrameOrder;
import io.tubelet.evaluate.Accuracy;
import io.tubelet.spark.config.DataConfig.Role;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.data.CubeStore;
import io.tubelet.spark.evaluate.ClassifyJob;
import io.tubelet.spark.evaluate.ClassifyJob.Protocol;
import io.tubelet.spark.files.Digest;
import io.tubelet.spark.files.Failure.AccuracyException;
import io.tubelet.spark.files.Failure.StateException;
import io.tubelet.spark.files.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.fs.Path;

/**
 * {@code evaluate}: the fine-tuned models on test videos; where there is none, the classifier that
 * {@code finetune.from} names, as it is.
 */
final class EvaluateStage implements Stage {

  @Override
  public Outcome run(Run run) throws IOException, InterruptedException {
    Map<String, Path> models = new LinkedHashMap<>();
    for (String name : FinetuneStage.MODELS) {
      run.trained(name).ifPresent(path -> models.put(name, path));
    }
    String from = run.config().finetune().from();
    if (models.isEmpty() && !Run.TRAININGS.contains(from)) {
      models.put(FinetuneStage.PRETRAINED, new Path(from));
    }
    if (models.isEmpty()) {
      throw new StateException(
          "no fine-tuned checkpoint in %s: run `finetune` first".formatted(run.folder().root()));
    }
    List<Stage> evaluations = new ArrayList<>();
    models.forEach((name, path) -> evaluations.add(of -> evaluate(of, name, path)));
    Outcome all = Stage.inTurn(evaluations).run(run);
    ReportResults results = new ReportResults(run.folder());
    requireTop1(run.config().evaluate().leastTop1(), models.keySet().iterator().next(), results);
    String worth = results.worth();
    return worth.isBlank() ? all : all.and(new Outcome(all.status(), worth));
  }

  private static void requireTop1(double least, String model, ReportResults results) {
    double top1 = results.evaluated(model).orElseThrow().accuracy().top1Share();
    if (top1 < least) {
      throw new AccuracyException(
          "top-1 of %s is %.1f %%, evaluate.least-top1 wants %.1f %%"
              .formatted(model, 100 * top1, 100 * least));
    }
  }

  static List<FrameOrder> frames(JobConfig config) {
    return Stream.concat(Stream.of(FrameOrder.AS_IS), config.evaluate().controls().stream())
        .distinct()
        .toList();
  }

  /** The configured views, with {@code clips} of a video. */
  static Protocol protocol(JobConfig config, int clips) {
    JobConfig.Evaluation views = config.evaluate();
    return new Protocol(clips, views.crops(), views.batch());
  }

  /** The name of a model's evaluation. */
  static String named(String model, FrameOrder frames) {
    return frames == FrameOrder.AS_IS
        ? model
        : model + "-" + frames.name().toLowerCase(Locale.ROOT);
  }

  /** On the frames as they are, and as the controls want them. */
  private static Outcome evaluate(Run run, String model, Path checkpoint)
      throws IOException, InterruptedException {
    CubeStore test = run.store(Role.TEST);
    Run.Trained trained = run.read(checkpoint);
    return Stage.inTurn(
            frames(run.config()).stream()
                .map(order -> (Stage) of -> evaluate(of, named(model, order), trained, test, order))
                .toList())
        .run(run);
  }

  private static Outcome evaluate(
      Run run, String name, Run.Trained trained, CubeStore test, FrameOrder frames)
      throws IOException {
    Protocol views = protocol(run.config(), run.config().evaluate().clips());
    String decides = trained.weights().digest() + test.manifest().digest() + views + frames;
    String digest = Digest.of(decides + trained.labels());
    Optional<Evaluated> before =
        new ReportResults(run.folder()).evaluated(name).filter(e -> digest.equals(e.digest()));
    if (before.isPresent()) {
      return Outcome.alreadyDone(sentence(name, before.get()));
    }
    Accuracy accuracy =
        new ClassifyJob(trained.labels(), views, frames)
            .run(run.inference("evaluate " + name, trained.weights(), test));
    Evaluated evaluated =
        new Evaluated(
            digest,
            trained.checkpoint().toString(),
            trained.labels().names(),
            views.clips(),
            views.crops(),
            test.quarantined().size(),
            accuracy);
    evaluated
        .perClass()
        .forEach(
            (label, share) ->
                System.out.printf(Locale.ROOT, "%5.1f %% of %s%n", 100 * share, label));
    return write(run, name, evaluated);
  }

  /** Keeps an evaluation, and says what it is. */
  static Outcome write(Run run, String name, Evaluated evaluated) throws IOException {
    Json.write(run.hadoop(), run.folder().file(Evaluated.file(name)), evaluated);
    return Outcome.done(sentence(name, evaluated));
  }

  /** The accuracies in one line. */
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
        accuracy.videos() + evaluated.quarantined(),
        evaluated.quarantined());
  }
}
