package io.tubelet.report.experiment;

import io.tubelet.report.chart.Chart;
import java.util.List;
import java.util.Map;

/**
 * All that is told of one experiment. Nothing here depends on when it was told.
 *
 * @param name of its files
 * @param title what was asked
 * @param notes paragraphs
 * @param seeds in the order of all values
 * @param measures the tables; the first is what was asked for
 * @param charts curves
 * @param facts where, how long, with what
 */
public record Findings(
    String name,
    String title,
    List<String> notes,
    List<Integer> seeds,
    List<Measure> measures,
    List<Chart> charts,
    Map<String, String> facts) {

  /** The page's name in the folder of results. */
  public String page() {
    return name + ".md";
  }

  /** The name of a chart's file. */
  public String file(int chart) {
    return "%s-%d.svg".formatted(name, chart + 1);
  }
}
