package io.tubelet.report;

import io.tubelet.report.chart.Point;
import java.util.List;

/**
 * Several runs side by side.
 *
 * @param runs this one first
 */
public record Comparison(List<Run> runs) implements Part {

  /** Copies the runs. */
  public Comparison {
    runs = List.copyOf(runs);
  }

  /**
   * A run, in few words and figures.
   *
   * @param name its name
   * @param folder where it lives
   * @param loss of its pretraining over epochs
   * @param results "pretrained: top-1 18.0 % …", one a model; none if it was not evaluated
   * @param hours of wall time in pretraining rounds
   */
  public record Run(
      String name, String folder, List<Point> loss, List<String> results, double hours) {

    /** Copies the lists. */
    public Run {
      loss = List.copyOf(loss);
      results = List.copyOf(results);
    }

    /** The last loss; NaN if there is none. */
    public double finalLoss() {
      return loss.isEmpty() ? Double.NaN : loss.get(loss.size() - 1).y();
    }
  }

  @Override
  public String id() {
    return "comparison";
  }

  @Override
  public String title() {
    return "Beside other runs";
  }
}
