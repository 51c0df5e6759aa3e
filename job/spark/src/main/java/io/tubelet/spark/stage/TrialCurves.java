package io.tubelet.spark.stage;

import io.tubelet.report.chart.Chart;
import io.tubelet.report.chart.LineChart;
import io.tubelet.report.chart.Point;
import io.tubelet.report.chart.Series;
import io.tubelet.spark.config.ExperimentConfig.Arm;
import io.tubelet.spark.run.Event;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;

/**
 * The losses of trials.
 *
 * @param arms the trials of each arm, one a seed
 */
record TrialCurves(SparkSession spark, Map<Arm, List<TrialRun>> arms) {

  List<Chart> charts() {
    return Stream.of(
            LineChart.draw(
                "Pretraining loss", "epoch", "loss", false, curves(t -> t.pretraining(spark))),
            LineChart.draw(
                "Fine-tuning loss", "epoch", "loss", true, curves(t -> t.finetuning(spark))))
        .filter(chart -> !chart.marks().isEmpty())
        .toList();
  }

  /** A curve an arm, the mean over seeds; arms with one and the same curve have it once. */
  private List<Series> curves(Function<TrialRun, List<Event>> events) {
    Map<List<Point>, String> named = new LinkedHashMap<>();
    arms.forEach(
        (arm, seeds) -> {
          List<List<Point>> curves =
              seeds.stream()
                  .map(events)
                  .filter(rounds -> !rounds.isEmpty())
                  .map(ReportParts::overEpochs)
                  .toList();
          if (!curves.isEmpty()) {
            named.merge(mean(curves), arm.name(), (one, two) -> one + "; " + two);
          }
        });
    return named.entrySet().stream().map(e -> new Series(e.getValue(), e.getKey())).toList();
  }

  private static List<Point> mean(List<List<Point>> curves) {
    int rounds = curves.stream().mapToInt(List::size).min().orElseThrow();
    return IntStream.range(0, rounds)
        .mapToObj(
            i ->
                new Point(
                    curves.get(0).get(i).x(),
                    curves.stream().mapToDouble(c -> c.get(i).y()).average().orElseThrow()))
        .toList();
  }
}
