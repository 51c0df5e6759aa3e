package io.tubelet.spark.stage;

import io.tubelet.clip.FrameOrder;
import io.tubelet.evaluate.Accuracy;
import io.tubelet.report.Part.Tables;
import io.tubelet.report.Part.Tables.Table;
import io.tubelet.report.RunReport.Fact;
import io.tubelet.report.picture.NumberText;
import io.tubelet.spark.stage.EvaluateStage.Evaluated;
import io.tubelet.spark.train.EventLog;
import io.tubelet.spark.train.RunFolder;
import io.tubelet.train.RoundMetrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the trainings of a run cost, and what its evaluations found. */
record ReportResults(RunFolder folder) {
  /** Fine-tuned models on frames as they are. */
  static final List<String> TITLES =
      FinetuneStage.MODELS.stream().map(ReportResults::title).toList();

  /** What the page calls a fine-tuned model. */
  static String title(String model) {
    return switch (model) {
      case FinetuneStage.PRETRAINED -> "pretrained";
      case FinetuneStage.SCRATCH -> "published scratch";
      default -> model;
    };
  }

  List<RoundMetrics> rounds(String training) {
    return EventLog.read(folder.hadoop(), folder.events(training));
  }

  Optional<Evaluated> evaluated(String name) {
    return Evaluated.read(folder, name);
  }

  /** Of fine-tuned models, also on changed frames, and of the probe. */
  private Map<String, Evaluated> all() {
    Map<String, Evaluated> all = byTitle(UnaryOperator.identity(), this::evaluated);
    evaluated(FeatureStage.LINEAR).ifPresent(e -> all.put(FeatureStage.LINEAR, e));
    return all;
  }

  /** What is found of each fine-tuned model's training, on frames in each order. */
  static <T> Map<String, T> byTitle(
      UnaryOperator<String> training, Function<String, Optional<T>> found) {
    Map<String, T> all = new LinkedHashMap<>();
    for (String model : FinetuneStage.MODELS) {
      for (FrameOrder frames : FrameOrder.values()) {
        found
            .apply(EvaluateStage.named(training.apply(model), frames))
            .ifPresent(one -> all.put(EvaluateStage.named(title(model), frames), one));
      }
    }
    return all;
  }

  /** What pretraining is worth, and nothing else; blank where one of two models is missing. */
  String worth() {
    Optional<Evaluated> with = evaluated(FinetuneStage.PRETRAINED);
    Optional<Evaluated> without = evaluated(FinetuneStage.UNPRETRAINED);
    return with.isEmpty() || without.isEmpty()
        ? ""
        : "Worth of pretraining: %+.1f points of top-1, pretrained less unpretrained"
            .formatted(
                100 * (with.get().accuracy().top1Share() - without.get().accuracy().top1Share()));
  }

  /** A sentence each of the fine-tuned models, and their difference; of all, if there are none. */
  String summary() {
    Map<String, Evaluated> all = all();
    boolean tuned = !Collections.disjoint(TITLES, all.keySet());
    Stream<String> sentences =
        all.entrySet().stream()
            .filter(e -> !tuned || TITLES.contains(e.getKey()))
            .map(e -> EvaluateStage.sentence(e.getKey(), e.getValue()));
    return Stream.concat(sentences, Stream.of(worth()).filter(worth -> !worth.isBlank()))
        .collect(Collectors.joining(". "));
  }

  /** All in a table, if there is more than the fine-tuned models. */
  Optional<Tables> table() {
    Map<String, Evaluated> all = all();
    if (TITLES.containsAll(all.keySet())) {
      return Optional.empty();
    }
    List<String> header =
        List.of("Model", "Top-1, %", "95 % from", "to", "Top-k, %", "k", "Videos");
    List<List<String>> rows =
        all.entrySet().stream().map(e -> row(e.getKey(), e.getValue().accuracy())).toList();
    String lead =
        "A probe judges features that were not trained on labels. Frames in another order, or one"
            + " frame repeated, tell how much of an accuracy is due to motion.";
    Table table = new Table("Accuracies on test videos", header, rows);
    return Optional.of(new Tables("All evaluations", lead, List.of(table)));
  }

  private static List<String> row(String name, Accuracy accuracy) {
    return List.of(
        name,
        percent(accuracy.top1Share()),
        percent(accuracy.interval().low()),
        percent(accuracy.interval().high()),
        percent(accuracy.topKShare()),
        NumberText.count(accuracy.k()),
        NumberText.count(accuracy.videos()));
  }

  /** A dash for NaN. */
  static String percent(double share) {
    return Double.isNaN(share) ? "–" : "%.1f".formatted(100 * share);
  }

  /** What each training took, by its rounds; nothing is estimated. */
  List<Fact> costs() {
    List<Fact> costs = new ArrayList<>();
    Stream<String> detectors = FinetuneStage.MODELS.stream().map(DetectStage::named);
    for (String training : Stream.concat(Run.TRAININGS.stream(), detectors).toList()) {
      List<RoundMetrics> rounds = rounds(training);
      if (!rounds.isEmpty()) {
        costs.add(new Fact(training, cost(rounds)));
      }
    }
    return costs;
  }

  private static String cost(List<RoundMetrics> rounds) {
    double seconds = RoundMetrics.hours(rounds) * Duration.ofHours(1).toSeconds();
    double clips =
        rounds.stream()
            .mapToDouble(round -> round.clipsPerSecond() * round.seconds().total())
            .sum();
    double compute = rounds.stream().mapToDouble(round -> round.seconds().compute()).sum();
    return ("%,d rounds, %,d steps, %,.0f clips in %,.1f minutes of rounds (%,.1f clips/s); each"
            + " replica computed %.0f %% of that time")
        .formatted(
            rounds.size(),
            rounds.get(rounds.size() - 1).step(),
            clips,
            seconds / Duration.ofMinutes(1).toSeconds(),
            clips / seconds,
            100 * compute / seconds);
  }
}
