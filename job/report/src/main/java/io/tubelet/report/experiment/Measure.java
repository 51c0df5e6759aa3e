package io.tubelet.report.experiment;

import io.tubelet.evaluation.Interval;
import java.util.List;

/**
 * One table: a figure of each arm with each seed.
 *
 * @param title of the table
 * @param share whether values are shares in [0, 1], shown in per cent
 * @param arms its rows
 */
public record Measure(String title, boolean share, List<Arm> arms) {

  /**
   * A row.
   *
   * @param name of the arm
   * @param values one a seed
   * @param videos interval of the mean over videos; null: it is no share of videos
   * @param against what it is compared with, and the differences to it, one a seed; null: nothing
   * @param atLeast what it should reach; 0: nothing
   */
  public record Arm(
      String name, List<Double> values, Interval videos, Against against, double atLeast) {

    /** The mean over seeds. */
    public double mean() {
      return Measure.mean(values);
    }
  }

  /**
   * A comparison of runs with equal seeds.
   *
   * @param name of the other
   * @param differences this less the other, one a seed
   */
  public record Against(String name, List<Double> differences) {}

  static double mean(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
  }
}
