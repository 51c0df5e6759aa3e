package io.tubelet.report;

import io.tubelet.report.picture.Chart;
import io.tubelet.report.picture.Chart.Series;
import io.tubelet.train.RoundMetrics;
import java.util.List;
import java.util.Optional;

/**
 * Training with labels: models that differ in where they start from and in nothing else.
 *
 * @param budget what each of them got, in words: "20 epochs of 400 clips each"
 * @param worth of pretraining, in words; blank if it is not known
 * @param models the pretrained one first
 */
public record FineTuning(String budget, String worth, List<Trained> models) implements Part {

  /** A model by its name, such as "pretrained"; it is evaluated on the held-out videos, later. */
  public record Trained(String name, List<RoundMetrics> rounds, Optional<Evaluation> evaluation) {}

  @Override
  public String title() {
    return "Fine-tuning";
  }

  /** The k of the models' top-k accuracies; 5 before any was evaluated. */
  public int k() {
    return models.stream()
        .flatMap(model -> model.evaluation.stream())
        .mapToInt(evaluation -> evaluation.accuracy().k())
        .findFirst()
        .orElse(5);
  }

  public Chart chart() {
    List<Series> losses =
        models.stream().map(model -> Series.lossOverEpochs(model.name, model.rounds)).toList();
    return Chart.lines("Training loss", "epoch", "loss", true, losses);
  }

  /** The accuracies on the validation split, where there is one. */
  public Optional<Chart> validation() {
    List<Series> curves =
        models.stream()
            .map(model -> Series.overEpochs(model.name, model.rounds, FineTuning::validation))
            .toList();
    boolean none =
        curves.stream()
            .flatMap(curve -> curve.points().stream())
            .allMatch(point -> Double.isNaN(point.y()));
    return none
        ? Optional.empty()
        : Optional.of(Chart.lines("Top-1 on the validation split", "epoch", "top-1", true, curves));
  }

  private static double validation(RoundMetrics round) {
    return round.validation() == null ? Double.NaN : round.validation();
  }
}
