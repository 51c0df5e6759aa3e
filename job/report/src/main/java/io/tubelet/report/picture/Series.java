package io.tubelet.report.picture;

import static java.util.Comparator.comparingDouble;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;

import io.tubelet.training.RoundMetrics;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * A named curve.
 *
 * @param name as the legend shows it
 * @param points in any order
 */
public record Series(String name, List<Point> points) {

  /**
   * One value of a curve.
   *
   * @param x where, for example the number of a round
   * @param y the value; one that is not finite is not drawn
   */
  public record Point(double x, double y) {
    private boolean finite() {
      return Double.isFinite(x) && Double.isFinite(y);
    }
  }

  /** Copies the points. */
  public Series {
    points = List.copyOf(points);
  }

  /** A point a round. */
  public static Series of(
      String name,
      List<RoundMetrics> rounds,
      ToDoubleFunction<RoundMetrics> x,
      ToDoubleFunction<RoundMetrics> y) {
    return new Series(
        name, rounds.stream().map(r -> new Point(x.applyAsDouble(r), y.applyAsDouble(r))).toList());
  }

  /** A training's loss over its epochs. */
  public static Series lossOverEpochs(String name, List<RoundMetrics> rounds) {
    if (rounds.isEmpty()) {
      return new Series(name, List.of());
    }
    RoundMetrics last = rounds.get(rounds.size() - 1);
    double stepsPerEpoch = last.step() / (last.epoch() + 1.0);
    return of(name, rounds, round -> round.step() / stepsPerEpoch, RoundMetrics::loss);
  }

  /** The points that can be drawn, from left to right. */
  List<Point> drawable() {
    return points.stream().filter(Point::finite).sorted(comparingDouble(Point::x)).toList();
  }

  /**
   * Fewer points, same picture: of all points that fall into one column of pixels only the lowest
   * and the highest are kept, so that no spike disappears.
   *
   * @param points finite, from left to right
   * @param columns columns between the first and the last point
   */
  static List<Point> thinned(List<Point> points, int columns) {
    if (points.size() <= 2 * columns) {
      return points;
    }
    double left = points.get(0).x();
    double width = points.get(points.size() - 1).x() - left;
    Map<Double, List<Point>> byColumn =
        points.stream()
            .collect(
                groupingBy(
                    point ->
                        Math.min(columns - 1, Math.floor((point.x() - left) / width * columns)),
                    TreeMap::new,
                    toList()));
    return byColumn.values().stream().flatMap(Series::extremes).toList();
  }

  /** The lowest and the highest point, in their order; one, if all are as high. */
  private static Stream<Point> extremes(List<Point> column) {
    Point lowest = Collections.min(column, comparingDouble(Point::y));
    Point highest = Collections.max(column, comparingDouble(Point::y));
    return Stream.of(lowest, highest).distinct().sorted(comparingDouble(Point::x));
  }
}
