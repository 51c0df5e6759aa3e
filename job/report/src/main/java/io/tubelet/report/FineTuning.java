package io.tubelet.report;

import io.tubelet.report.chart.Point;
import java.util.List;
import java.util.Optional;

/**
 * Training with labels: models that differ in where they start from and in nothing else.
 *
 * @param budget what each of them got, in words: "20 epochs of 400 clips each"
 * @param models the pretrained one first, then the one from scratch
 */
public record FineTuning(String budget, List<Trained> models) implements Part {

  /** Copies the models. */
  public FineTuning {
    models = List.copyOf(models);
  }

  /** The k of the models' top-k accuracies; 5 before any was evaluated. */
  public int k() {
    return models.stream()
        .flatMap(model -> model.evaluation.stream())
        .mapToInt(Evaluation::k)
        .findFirst()
        .orElse(5);
  }

  @Override
  public String id() {
    return "fine-tuning";
  }

  @Override
  public String title() {
    return "Fine-tuning";
  }

  /**
   * One trained model.
   *
   * @param name "pretrained", "from scratch"
   * @param loss training loss over epochs
   * @param evaluation on the held-out videos; absent before it was made
   */
  public record Trained(String name, List<Point> loss, Optional<Evaluation> evaluation) {

    /** Copies the curve. */
    public Trained {
      loss = List.copyOf(loss);
    }
  }
}
