package io.tubelet.report.chart;

import java.util.List;

/**
 * A chart as a file of its own, for pages that take pictures only: the legend stands below the
 * curves, and colours are fixed.
 */
public record ChartFile(Chart chart) {
  /** Series that can be told apart. */
  public static final int STYLES = 24;

  private static final int LINE = 15;
  private static final List<String> COLOURS =
      List.of(
          "#1d5fbf", "#b4530a", "#2b7a3a", "#8e3ba5", "#b3261e", "#00707a", "#7a5c00", "#57606a");
  private static final List<String> DASHES = List.of("none", "6 3", "2 2");

  /** A colour for eight series in turn. */
  public static String colour(int series) {
    return COLOURS.get(series % COLOURS.size());
  }

  /** Another dash for the next eight. */
  public static String dashes(int series) {
    return DASHES.get(series / COLOURS.size());
  }

  /** Units of the view box, the legend's included. */
  public int height() {
    return line(chart.marks().size());
  }

  /** Where a series stands in the legend. */
  public int line(int series) {
    return Chart.HEIGHT + LINE * (series + 1) - 3;
  }
}
