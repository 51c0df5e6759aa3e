package io.tubelet.report;

import io.tubelet.report.chart.Chart;
import io.tubelet.report.chart.LineChart;
import io.tubelet.report.chart.Point;
import io.tubelet.report.chart.ScatterChart;
import io.tubelet.report.chart.Series;
import io.tubelet.report.chart.StackedChart;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/** Which charts the parts of a report have. */
public final class Charts {
  private static final String ROUND = "round";

  private Charts() {}

  /** Five small charts of the pretraining. */
  public static List<Chart> of(Pretraining part) {
    return List.of(
        perRound("Loss", "loss", false, series(part, "loss", Pretraining.Round::loss)),
        perRound(
            "Learning rate",
            "rate",
            true,
            series(part, "learning rate", Pretraining.Round::learningRate)),
        perRound(
            "Throughput",
            "clips/s",
            true,
            series(part, "clips/s", Pretraining.Round::clipsPerSecond)),
        perRound(
            "Gradient norm",
            "norm",
            true,
            series(part, "gradient norm", Pretraining.Round::gradientNorm)),
        StackedChart.draw(
            "Time per round",
            ROUND,
            "seconds",
            List.of(
                series(part, "compute", Pretraining.Round::computeSeconds),
                series(part, "wait for data", Pretraining.Round::waitSeconds),
                series(part, "average", Pretraining.Round::averageSeconds))));
  }

  private static Chart perRound(String title, String unit, boolean fromZero, Series series) {
    return LineChart.draw(title, ROUND, unit, fromZero, List.of(series));
  }

  private static Series series(
      Pretraining part, String name, ToDoubleFunction<Pretraining.Round> value) {
    return new Series(
        name,
        part.rounds().stream()
            .map(round -> new Point(round.number(), value.applyAsDouble(round)))
            .toList());
  }

  /** The losses of several runs over their epochs. */
  public static Chart of(Comparison part) {
    List<Series> losses =
        part.runs().stream().limit(4).map(run -> new Series(run.name(), run.loss())).toList();
    return LineChart.draw("Pretraining loss", "epoch", "loss", false, losses);
  }

  /** The map of features; classes beyond the glyphs are one series. */
  public static Chart of(EmbeddingMap part) {
    Map<String, List<Point>> byLabel = new TreeMap<>();
    for (EmbeddingMap.Spot spot : part.points()) {
      String label = spot.label().isEmpty() ? "no label" : spot.label();
      byLabel.computeIfAbsent(label, l -> new ArrayList<>()).add(new Point(spot.x(), spot.y()));
    }
    List<Series> series = new ArrayList<>();
    List<Point> rest = new ArrayList<>();
    boolean tooMany = byLabel.size() > ScatterChart.MOST_SERIES;
    byLabel.forEach(
        (label, points) -> {
          if (tooMany && series.size() + 1 == ScatterChart.MOST_SERIES) {
            rest.addAll(points);
          } else {
            series.add(new Series(label, points));
          }
        });
    if (tooMany) {
      series.add(new Series("other classes", rest));
    }
    return ScatterChart.draw("Features", "first component", "second component", series);
  }

  /** The losses of all models in one chart. */
  public static Chart of(FineTuning part) {
    List<Series> losses =
        part.models().stream().map(model -> new Series(model.name(), model.loss())).toList();
    return LineChart.draw("Training loss", "epoch", "loss", true, losses);
  }
}
