package io.tubelet.spark.stage;

import io.tubelet.clip.FrameOrder;
import io.tubelet.report.Tables;
import io.tubelet.report.Tables.Table;
import io.tubelet.report.chart.NumberText;
import io.tubelet.spark.run.RunFolder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** What a run's evaluations came to. */
final class ReportResults {
  private static final List<String> MODELS =
      List.of(FinetuneStage.PRETRAINED, FinetuneStage.SCRATCH);

  private ReportResults() {}

  /** What the page calls a fine-tuned model. */
  static String title(String model) {
    return model.equals(FinetuneStage.SCRATCH) ? "from scratch" : "pretrained";
  }

  static Optional<Evaluated> of(RunFolder folder, String name) {
    return Evaluated.read(folder.hadoop(), folder.file(Evaluated.file(name)));
  }

  /** Of fine-tuned models, also on changed frames, and of probes. */
  private static Map<String, Evaluated> all(RunFolder folder) {
    Map<String, Evaluated> all = new LinkedHashMap<>();
    for (String model : MODELS) {
      for (FrameOrder frames : FrameOrder.values()) {
        of(folder, EvaluateStage.named(model, frames))
            .ifPresent(e -> all.put(EvaluateStage.named(title(model), frames), e));
      }
    }
    for (String probe : List.of(ProbeStage.KNN, ProbeStage.LINEAR)) {
      of(folder, probe).ifPresent(e -> all.put(probe, e));
    }
    return all;
  }

  /** A sentence each. */
  static List<String> sentences(RunFolder folder) {
    return all(folder).entrySet().stream()
        .map(e -> EvaluateStage.sentence(e.getKey(), e.getValue()))
        .toList();
  }

  /** A sentence each of the fine-tuned models; of all, if there are none. */
  static String summary(RunFolder folder) {
    Map<String, Evaluated> all = all(folder);
    List<String> models = MODELS.stream().map(ReportResults::title).toList();
    boolean tuned = models.stream().anyMatch(all::containsKey);
    return all.entrySet().stream()
        .filter(e -> !tuned || models.contains(e.getKey()))
        .map(e -> EvaluateStage.sentence(e.getKey(), e.getValue()))
        .collect(Collectors.joining("; "));
  }

  /** All in a table, if there is more than the fine-tuned models. */
  static Optional<Tables> table(RunFolder folder) {
    Map<String, Evaluated> all = all(folder);
    boolean more = !MODELS.stream().map(ReportResults::title).toList().containsAll(all.keySet());
    List<List<String>> rows = all.entrySet().stream().map(ReportResults::row).toList();
    Table table =
        new Table(
            "Accuracies on test videos",
            List.of("Model", "Top-1, %", "95 % from", "to", "Top-k, %", "k", "Videos"),
            rows);
    String lead =
        "Probes judge features that were not trained on labels. Frames in another order, or one"
            + " frame repeated, tell how much of an accuracy is due to motion.";
    Tables part = new Tables("evaluations", "All evaluations", lead, List.of(table));
    return more ? Optional.of(part) : Optional.empty();
  }

  private static List<String> row(Map.Entry<String, Evaluated> named) {
    var accuracy = named.getValue().accuracy();
    return List.of(
        named.getKey(),
        percent(accuracy.top1Share()),
        percent(accuracy.interval().low()),
        percent(accuracy.interval().high()),
        percent(accuracy.topKShare()),
        NumberText.count(accuracy.k()),
        NumberText.count(accuracy.videos()));
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f", 100 * share);
  }
}
