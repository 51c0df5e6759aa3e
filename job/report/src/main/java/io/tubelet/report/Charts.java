package io.tubelet.report;

import io.tubelet.report.chart.Chart;
import io.tubelet.report.chart.LineChart;
import io.tubelet.report.chart.Point;
import io.tubelet.report.chart.Series;
import io.tubelet.report.chart.StackedChart;
import java.util.List;
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

  /** The losses of all models in one chart. */
  public static Chart of(FineTuning part) {
    List<Series> losses =
        part.models().stream().map(model -> new Series(model.name(), model.loss())).toList();
    return LineChart.draw("Training loss", "epoch", "loss", true, losses);
  }
}
