package io.tubelet.report.chart;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Parts of a whole, stacked from the axis up: one bar per point, or per run of points if many. */
public final class StackedChart {
  private static final int MOST_BARS = 80;

  private StackedChart() {}

  /**
   * Lays out the bars. Where there are more points than bars, a bar is the mean of its points.
   *
   * @param x title of the horizontal axis
   * @param y title of the vertical axis
   * @param parts all with the same places in the same order; a value that is not finite counts as 0
   * @throws IllegalArgumentException if the parts have not the same number of points
   */
  public static Chart draw(String title, String x, String y, List<Series> parts) {
    List<Point> places = parts.get(0).points();
    for (Series part : parts) {
      if (part.points().size() != places.size()) {
        throw new IllegalArgumentException(
            "'%s' has %d points and '%s' has %d"
                .formatted(parts.get(0).name(), places.size(), part.name(), part.points().size()));
      }
    }
    double[][] tops = tops(parts, Math.min(MOST_BARS, places.size()));
    double highest = Arrays.stream(tops[parts.size()]).max().orElse(1);
    double first = places.isEmpty() ? 0 : places.get(0).x();
    double last = places.isEmpty() ? 0 : places.get(places.size() - 1).x();
    Axis across = Axis.horizontal(x, first - 0.5, last + 0.5, true);
    Axis up = Axis.vertical(y, 0, highest > 0 ? highest : 1);
    List<Chart.Mark> marks = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      marks.add(
          new Chart.Mark(parts.get(i).name(), bars(tops[i], tops[i + 1], up), Chart.Kind.AREA));
    }
    return new Chart(title, describe(parts), across, up, marks);
  }

  /** Upper edges {@code [parts + 1, bars]}; row 0 is the axis. */
  private static double[][] tops(List<Series> parts, int bars) {
    double[][] tops = new double[parts.size() + 1][bars];
    for (int i = 0; i < parts.size(); i++) {
      List<Point> points = parts.get(i).points();
      for (int bar = 0; bar < bars; bar++) {
        int from = (int) ((long) bar * points.size() / bars);
        int to = (int) ((bar + 1L) * points.size() / bars);
        tops[i + 1][bar] = tops[i][bar] + sum(points.subList(from, to)) / (to - from);
      }
    }
    return tops;
  }

  private static double sum(List<Point> points) {
    return points.stream().mapToDouble(Point::y).filter(Double::isFinite).sum();
  }

  private static String bars(double[] bottoms, double[] tops, Axis y) {
    double width = (Chart.RIGHT - Chart.LEFT) / (double) Math.max(1, tops.length);
    double gap = Math.min(1, width / 5);
    StringBuilder path = new StringBuilder();
    for (int bar = 0; bar < tops.length; bar++) {
      double left = Chart.LEFT + bar * width;
      path.append("M").append(Chart.coordinates(left, y.at(bottoms[bar])));
      path.append("V").append(Chart.rounded(y.at(tops[bar])));
      path.append("H").append(Chart.rounded(left + width - gap));
      path.append("V").append(Chart.rounded(y.at(bottoms[bar]))).append("z");
    }
    return path.toString();
  }

  private static String describe(List<Series> parts) {
    double all = parts.stream().mapToDouble(part -> sum(part.points())).sum();
    return parts.stream()
        .map(part -> part.name() + " " + NumberText.percent(sum(part.points()) / all))
        .collect(joining(", "));
  }
}
