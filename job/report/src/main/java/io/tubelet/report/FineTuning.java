package io.tubelet.report;

import io.tubelet.evaluate.Accuracy;
import io.tubelet.report.Part.Tables.Table;
import io.tubelet.report.picture.Chart;
import io.tubelet.report.picture.Chart.Series;
import io.tubelet.report.picture.NumberText;
import io.tubelet.train.RoundMetrics;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

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

  /**
   * How well a model classifies held-out videos. Every video that could be read counts once; one
   * that could not is quarantined and never replaced by another.
   *
   * @param protocol views of a video that are averaged, in words: "5 clips × 3 crops per video"
   * @param quarantined not in the denominator
   * @param mistakes some of the commonest, as pictures
   */
  public record Evaluation(
      String protocol,
      List<String> classes,
      Accuracy accuracy,
      long quarantined,
      Gallery mistakes) {

    /** Videos that the list asks for, quarantined ones included. */
    public long asked() {
      return accuracy.videos() + quarantined;
    }

    public int ofClass(int truth) {
      return IntStream.of(accuracy.confusion()[truth]).sum();
    }

    /** Share in [0, 1] of a class' videos that got this prediction; 0 for one without videos. */
    public double share(int truth, int prediction) {
      return accuracy.confusion()[truth][prediction] / (double) Math.max(1, ofClass(truth));
    }

    /** The commonest mistakes, the worst first. */
    public Table commonest(int limit) {
      int size = classes.size();
      int[][] confusion = accuracy.confusion();
      List<List<String>> rows =
          IntStream.range(0, size * size)
              .boxed()
              .filter(i -> i / size != i % size && confusion[i / size][i % size] > 0)
              .sorted(Comparator.comparingInt(i -> -confusion[i / size][i % size]))
              .limit(limit)
              .map(
                  i ->
                      List.of(
                          classes.get(i / size),
                          classes.get(i % size),
                          NumberText.count(confusion[i / size][i % size])))
              .toList();
      String caption = "The commonest mistakes; %s classes are too many for a matrix";
      return new Table(
          caption.formatted(NumberText.count(size)),
          List.of("True class", "Predicted", "Videos"),
          rows);
    }
  }
}
