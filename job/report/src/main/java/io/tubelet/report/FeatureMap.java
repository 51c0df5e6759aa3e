package io.tubelet.report;

import io.tubelet.report.picture.Chart;
import io.tubelet.report.picture.Series;
import io.tubelet.report.picture.Series.Point;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Clips as points of a plane: the first two principal components of their features.
 *
 * @param clips points by class; a clip without a class has the empty one
 * @param explained share in [0, 1] of the features' variance that the plane shows
 */
public record FeatureMap(Map<String, List<Point>> clips, double explained) implements Part {

  @Override
  public String title() {
    return "Features";
  }

  /** All points. */
  public int size() {
    return clips.values().stream().mapToInt(List::size).sum();
  }

  /** The map; classes beyond the glyphs are one series. */
  public Chart chart() {
    List<Series> series = new ArrayList<>();
    new TreeMap<>(clips)
        .forEach((label, of) -> series.add(new Series(label.isEmpty() ? "no label" : label, of)));
    if (series.size() > Chart.MOST_GLYPHS) {
      List<Series> rest = series.subList(Chart.MOST_GLYPHS - 1, series.size());
      List<Point> others = rest.stream().flatMap(one -> one.points().stream()).toList();
      rest.clear();
      series.add(new Series("other classes", others));
    }
    return Chart.scatter("Features", "first component", "second component", series);
  }
}
