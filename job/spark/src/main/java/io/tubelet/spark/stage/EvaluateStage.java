package io.tubelet.spark.stage;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.tubelet.clip.FrameOrder;
import io.tubelet.evaluate.Accuracy;
import io.tubelet.spark.config.DataConfig.Role;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.data.CubeStore;
import io.tubelet.spark.evaluate.ClassifyJob;
import io.tubelet.spark.evaluate.ClassifyJob.Protocol;
import io.tubelet.spark.files.Failure.AccuracyException;
import io.tubelet.spark.files.Failure.StateException;
import io.tubelet.spark.files.Json;
import io.tubelet.spark.train.RunFolder;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.hadoop.fs.Path;

/**
 * {@code evaluate}: the fine-tuned models on test videos; where there is none, the classifier that
 * {@code finetune.from} names, as it is.
 */
final class EvaluateStage implements Stage {

  /**
   * {@code evaluation/NAME.json}: accuracies of one model on the test store.
   *
   * @param digest SHA-256 over what decides it: weights, store and views; null in an older file
   * @param classes names, in the classifier's order
   * @param clips views in time per video
   * @param crops views in space per clip
   * @param quarantined test videos that could not be read and are in no denominator
   */
  record Evaluated(
      String digest,
      String checkpoint,
      List<String> classes,
      int clips,
      int crops,
      int quarantined,
      Accuracy accuracy) {

    /** Share in [0, 1] of each class's videos that are classified correctly, if it has any. */
    @JsonProperty("per_class")
    public Map<String, Double> perClass() {
      Map<String, Double> shares = new LinkedHashMap<>();
      for (int i = 0; i < classes.size(); i++) {
        int[] named = accuracy.confusion()[i];
        int videos = IntStream.of(named).sum();
        if (videos > 0) {
          shares.put(classes.get(i), (double) named[i] / videos);
        }
      }
      return shares;
    }

    static Optional<Evaluated> read(RunFolder folder, String name) {
      return Json.read(folder.hadoop(), file(folder, name), Evaluated.class);
    }

    private static Path file(RunFolder folder, String name) {
      return folder.file("evaluation/" + name + ".json");
    }
  }

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
    Outcome all = Stage.each(models.entrySet(), m -> evaluate(run, m.getKey(), m.getValue()));
    requireTop1(run, models.keySet().iterator().next());
    String worth = new ReportResults(run.folder()).worth();
    return worth.isBlank() ? all : all.and(new Outcome(all.status(), worth));
  }

  private static void requireTop1(Run run, String model) {
    double least = run.config().evaluate().leastTop1();
    double top1 = Evaluated.read(run.folder(), model).orElseThrow().accuracy().top1Share();
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
    return Stage.each(
        frames(run.config()), order -> evaluate(run, named(model, order), trained, test, order));
  }

  private static Outcome evaluate(
      Run run, String name, Run.Trained trained, CubeStore test, FrameOrder frames)
      throws IOException {
    Protocol views = protocol(run.config(), run.config().evaluate().clips());
    String decides = trained.weights().digest() + test.manifest().digest() + views + frames;
    String digest = DigestUtils.sha256Hex(decides + trained.labels());
    Optional<Evaluated> before =
        Evaluated.read(run.folder(), name).filter(e -> digest.equals(e.digest()));
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
        .forEach((label, share) -> System.out.printf("%5.1f %% of %s%n", 100 * share, label));
    return write(run, name, evaluated);
  }

  /** Keeps an evaluation, and says what it is. */
  static Outcome write(Run run, String name, Evaluated evaluated) throws IOException {
    Json.write(run.hadoop(), Evaluated.file(run.folder(), name), evaluated);
    return Outcome.done(sentence(name, evaluated));
  }

  static String sentence(String name, Evaluated evaluated) {
    Accuracy accuracy = evaluated.accuracy();
    return ("%s: top-1 %.1f %% (95 %%: %.1f to %.1f), top-%d %.1f %% of %d videos (of %d asked for,"
            + " %d quarantined)")
        .formatted(
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
