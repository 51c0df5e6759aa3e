package io.tubelet.report.chart;

import static java.util.Comparator.comparingDouble;

import java.util.List;

/**
 * A named curve.
 *
 * @param name as the legend shows it
 * @param points in any order
 */
public record Series(String name, List<Point> points) {
  /** Copies the points. */
  public Series {
    points = List.copyOf(points);
  }

  /** The points that can be drawn, from left to right. */
  List<Point> drawable() {
    return points.stream().filter(Point::finite).sorted(comparingDouble(Point::x)).toList();
  }
}
