package io.tubelet.report.chart;

import static java.util.stream.Collectors.joining;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Points in a plane, a glyph of its own for each of up to {@value #MOST_SERIES} series. */
public final class ScatterChart {
  /** Four colours times four shapes. */
  public static final int MOST_SERIES = 16;

  private static final int COLOURS = 4;

  /** Circle, square, triangle, diamond, drawn from their centre. */
  private static final List<String> SHAPES =
      List.of(
          "m-3,0a3,3 0 1,0 6,0a3,3 0 1,0 -6,0z",
          "m-2.7,-2.7h5.4v5.4h-5.4z",
          "m0,-3.6l3.4,6h-6.8z",
          "m0,-3.9l3.5,3.9l-3.5,3.9l-3.5,-3.9z");

  private ScatterChart() {}

  /**
   * Lays out the points.
   *
   * @param x title of the horizontal axis
   * @param y title of the vertical axis
   * @throws IllegalArgumentException if there are more series than glyphs
   */
  public static Chart draw(String title, String x, String y, List<Series> series) {
    if (series.size() > MOST_SERIES) {
      throw new IllegalArgumentException(
          "%d series, there are %d glyphs".formatted(series.size(), MOST_SERIES));
    }
    List<Point> all = series.stream().flatMap(one -> one.drawable().stream()).toList();
    double[] xs = all.stream().mapToDouble(Point::x).sorted().toArray();
    double[] ys = all.stream().mapToDouble(Point::y).sorted().toArray();
    boolean none = all.isEmpty();
    Axis across = Axis.horizontal(x, none ? 0 : xs[0], none ? 1 : xs[xs.length - 1], false);
    Axis up = Axis.vertical(y, none ? 0 : ys[0], none ? 1 : ys[ys.length - 1]);
    List<Chart.Mark> marks =
        IntStream.range(0, series.size())
            .mapToObj(i -> mark(series.get(i), SHAPES.get(i / COLOURS), across, up))
            .toList();
    return new Chart(title, describe(series), across, up, marks);
  }

  private static Chart.Mark mark(Series series, String shape, Axis x, Axis y) {
    Stream<String> glyphs =
        series.drawable().stream()
            .map(point -> "M" + Chart.coordinates(x.at(point.x()), y.at(point.y())) + shape);
    return new Chart.Mark(series.name(), glyphs.collect(joining()), Chart.Kind.DOTS, shape);
  }

  private static String describe(List<Series> series) {
    return series.stream()
        .map(one -> one.name() + ": " + NumberText.count(one.drawable().size()))
        .collect(joining(", "));
  }
}
