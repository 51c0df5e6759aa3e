package io.tubelet.report.advice;

import static io.tubelet.report.advice.Checkup.fine;
import static io.tubelet.report.advice.Checkup.unknown;
import static io.tubelet.report.advice.Checkup.warning;

import io.tubelet.report.Advice.Finding;
import io.tubelet.report.EmbeddingMap;
import io.tubelet.report.Evaluation;
import io.tubelet.report.FineTuning;
import io.tubelet.report.FineTuning.Trained;
import io.tubelet.report.chart.NumberText;
import io.tubelet.report.chart.Point;
import java.util.ArrayList;
import java.util.List;

/** What features and accuracies say. Of fine-tuned models, the first is judged. */
final class ResultChecks {
  private static final String FEATURES = "Features";
  private static final String CHANCE = "Accuracy";
  private static final String FIT = "Overfitting";
  private static final int FEWEST_CLIPS = 5;

  /** Below this the clips' features differ by less than a hundredth of their size. */
  private static final double LEAST_SPREAD = 1e-4;

  private static final double MOST_DEAD = 0.5;

  /** Training certainty minus test accuracy beyond which the model knows its clips by heart. */
  private static final double WIDEST_GAP = 0.35;

  private ResultChecks() {}

  /** Whether clips have features of their own. */
  static Finding features(EmbeddingMap map) {
    String seen =
        "clips differ by %s of the features' mean square; %s of the features never change"
            .formatted(NumberText.percent(map.spread()), NumberText.percent(map.dead()));
    if (map.points().size() < FEWEST_CLIPS) {
      return unknown(FEATURES, map.points().size() + " clips", "Too few clips to tell.");
    }
    return map.spread() < LEAST_SPREAD || map.dead() > MOST_DEAD
        ? warning(
            FEATURES,
            seen,
            "Dead features: the encoder says the same of every clip. Often a rate that was far too"
                + " high, or weights that were not loaded; a probe on them will be at chance.")
        : fine(FEATURES, seen, "Clips have features of their own.");
  }

  /** Both checks of the first model that was evaluated. */
  static List<Finding> all(FineTuning part) {
    List<Finding> findings = new ArrayList<>();
    part.models().stream()
        .filter(model -> model.evaluation().isPresent())
        .findFirst()
        .ifPresent(
            model -> {
              findings.add(beatsChance(model.evaluation().get()));
              findings.add(generalises(model, model.evaluation().get()));
            });
    return findings;
  }

  private static Finding beatsChance(Evaluation evaluation) {
    double chance = 1.0 / evaluation.confusion().classes().size();
    String seen =
        "top-1 %s (95 %%: %s to %s), chance %s"
            .formatted(
                NumberText.percent(evaluation.topOne()),
                NumberText.percent(evaluation.topOneInterval().low()),
                NumberText.percent(evaluation.topOneInterval().high()),
                NumberText.percent(chance));
    return evaluation.topOneInterval().low() <= chance
        ? warning(
            CHANCE,
            seen,
            "Cannot be told from guessing. Check that labels belong to their videos and that the"
                + " class names of training and test agree; then train longer or on more clips.")
        : fine(CHANCE, seen, "Better than guessing.");
  }

  private static Finding generalises(Trained model, Evaluation evaluation) {
    List<Double> losses = model.loss().stream().map(Point::y).filter(Double::isFinite).toList();
    if (losses.isEmpty()) {
      return unknown(FIT, "no training loss", "Training tells.");
    }
    double certainty = Math.exp(-Curve.of(losses, Double::doubleValue).last());
    String seen =
        "training clips get their class with probability %s, test videos %s"
            .formatted(NumberText.percent(certainty), NumberText.percent(evaluation.topOne()));
    return certainty - evaluation.topOne() > WIDEST_GAP
        ? warning(
            FIT,
            seen,
            "Fine-tuning overfits: it knows its training clips by heart. Fewer finetune.epochs,"
                + " more clips per video, label smoothing, or a lower layer-decay help.")
        : fine(FIT, seen, "Test videos do about as well as training clips.");
  }
}
