package io.tubelet.report.chart;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LineChartTest {
  @Test
  void drawsALineThroughTheCorners() {
    Chart chart = draw(List.of(new Point(0, 0), new Point(10, 1)));

    assertThat(chart.marks())
        .containsExactly(new Chart.Mark("loss", "M54.0,176.0L340.0,10.0", Chart.Kind.LINE));
    assertThat(chart.description()).isEqualTo("first 0, last 1.000, between 0 and 1.000");
  }

  @Test
  void thinsALongCurveToTwoPointsPerPixel() {
    Chart chart =
        draw(IntStream.range(0, 50_000).mapToObj(i -> new Point(i, Math.sin(i))).toList());

    assertThat(chart.marks().get(0).path().split("L")).hasSize(2 * (Chart.RIGHT - Chart.LEFT));
  }

  @Test
  void leavesOutLossesThatAreNotFiniteAndSaysSo() {
    Chart chart =
        draw(List.of(new Point(0, 1), new Point(1, Double.NaN), new Point(2, 0), new Point(3, 1)));

    assertThat(chart.marks().get(0).path().split("L")).hasSize(3);
    assertThat(chart.description()).endsWith("1 not finite and not drawn");
  }

  @Test
  void drawsARingForASingleRound() {
    assertThat(draw(List.of(new Point(0, 1))).marks().get(0).path())
        .startsWith("M54.0,")
        .contains("a");
  }

  @Test
  void drawsNothingWithoutPoints() {
    Chart chart = draw(List.of());

    assertThat(chart.marks().get(0).path()).isEmpty();
    assertThat(chart.description()).isEqualTo("no values");
    assertThat(chart.x().ticks()).isNotEmpty();
  }

  @Test
  void namesEachOfSeveralCurves() {
    Series first = new Series("pretrained", List.of(new Point(0, 2), new Point(1, 1)));
    Series second = new Series("scratch", List.of(new Point(0, 3), new Point(1, 2.5)));

    Chart chart = LineChart.draw("Loss", "epoch", "loss", true, List.of(first, second));

    assertThat(chart.description())
        .contains("pretrained: first 2.000")
        .contains("scratch: first 3");
    assertThat(chart.y().low()).isZero();
  }

  private static Chart draw(List<Point> points) {
    return LineChart.draw("Loss", "round", "loss", false, List.of(new Series("loss", points)));
  }
}
