package io.tubelet.report.chart;

import static java.util.stream.Collectors.joining;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Curves over a common axis. */
public final class LineChart {
  private LineChart() {}

  /**
   * Lays out the curves; a series without finite points keeps its place in the legend.
   *
   * @param x title of the horizontal axis
   * @param y title of the vertical axis
   * @param fromZero whether the vertical axis must show zero
   */
  public static Chart draw(
      String title, String x, String y, boolean fromZero, List<Series> series) {
    List<Point> all = series.stream().map(Series::drawable).flatMap(List::stream).toList();
    Stream<Double> xs = all.stream().map(Point::x);
    boolean whole = all.stream().allMatch(point -> point.x() == Math.rint(point.x()));
    Axis across = Axis.horizontal(x, least(xs), greatest(all.stream().map(Point::x)), whole);
    double low = least(all.stream().map(Point::y));
    double high = greatest(all.stream().map(Point::y));
    Axis up = Axis.vertical(y, fromZero ? Math.min(0, low) : low, high);
    List<Chart.Mark> marks =
        series.stream()
            .map(
                one ->
                    new Chart.Mark(one.name(), path(one.drawable(), across, up), Chart.Kind.LINE))
            .toList();
    return new Chart(title, describe(series), across, up, marks);
  }

  private static double least(Stream<Double> values) {
    return values.min(Comparator.naturalOrder()).orElse(0.0);
  }

  private static double greatest(Stream<Double> values) {
    return values.max(Comparator.naturalOrder()).orElse(1.0);
  }

  private static String path(List<Point> points, Axis x, Axis y) {
    List<String> places =
        Thinning.perColumn(points, Chart.RIGHT - Chart.LEFT).stream()
            .map(point -> Chart.coordinates(x.at(point.x()), y.at(point.y())))
            .toList();
    return switch (places.size()) {
      case 0 -> "";
      case 1 -> "M" + places.get(0) + "m-3,0a3,3 0 1,0 6,0a3,3 0 1,0 -6,0"; // a ring: no line yet
      default -> "M" + String.join("L", places);
    };
  }

  private static String describe(List<Series> series) {
    return series.stream()
        .map(one -> (series.size() > 1 ? one.name() + ": " : "") + describe(one))
        .collect(joining("; "));
  }

  private static String describe(Series series) {
    List<Point> points = series.drawable();
    int left = series.points().size() - points.size();
    String undrawn = left == 0 ? "" : ", " + left + " not finite and not drawn";
    if (points.isEmpty()) {
      return "no values" + undrawn;
    }
    return "first %s, last %s, between %s and %s%s"
        .formatted(
            NumberText.of(points.get(0).y()),
            NumberText.of(points.get(points.size() - 1).y()),
            NumberText.of(least(points.stream().map(Point::y))),
            NumberText.of(greatest(points.stream().map(Point::y))),
            undrawn);
  }
}
