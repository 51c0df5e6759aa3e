package io.tubelet.report.chart;

import java.util.ArrayList;
import java.util.List;

/**
 * Fewer points, same picture: of all points that fall into one column of pixels only the lowest and
 * the highest are kept, so that no spike disappears.
 */
final class Thinning {
  private Thinning() {}

  /**
   * At most two points per column.
   *
   * @param points finite, from left to right
   * @param columns columns between the first and the last point
   */
  static List<Point> perColumn(List<Point> points, int columns) {
    if (points.size() <= 2 * columns) {
      return points;
    }
    double left = points.get(0).x();
    double width = points.get(points.size() - 1).x() - left;
    List<Point> kept = new ArrayList<>();
    int start = 0;
    for (int i = 1; i <= points.size(); i++) {
      if (i == points.size()
          || column(points.get(i), left, width, columns)
              != column(points.get(start), left, width, columns)) {
        keepExtremes(points.subList(start, i), kept);
        start = i;
      }
    }
    return kept;
  }

  private static int column(Point point, double left, double width, int columns) {
    return width == 0 ? 0 : (int) Math.min(columns - 1, (point.x() - left) / width * columns);
  }

  private static void keepExtremes(List<Point> column, List<Point> kept) {
    int lowest = 0;
    int highest = 0;
    for (int i = 1; i < column.size(); i++) {
      lowest = column.get(i).y() < column.get(lowest).y() ? i : lowest;
      highest = column.get(i).y() > column.get(highest).y() ? i : highest;
    }
    kept.add(column.get(Math.min(lowest, highest)));
    if (lowest != highest) {
      kept.add(column.get(Math.max(lowest, highest)));
    }
  }
}
