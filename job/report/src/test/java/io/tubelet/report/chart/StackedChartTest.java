package io.tubelet.report.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StackedChartTest {
  @Test
  void standsEachPartOnTheOneBefore() {
    Chart chart = draw(part("compute", 3), part("wait", 1));

    assertThat(chart.y().high()).isEqualTo(4);
    assertThat(chart.marks().get(0).path()).isEqualTo("M54.0,176.0V51.5H339.0V176.0z");
    assertThat(chart.marks().get(1).path()).isEqualTo("M54.0,51.5V10.0H339.0V51.5z");
    assertThat(chart.description()).isEqualTo("compute 75.0\u00a0%, wait 25.0\u00a0%");
  }

  @Test
  void averagesRunsOfRoundsThatAreTooManyForBars() {
    double[] values = IntStream.range(0, 800).mapToDouble(i -> i % 2 == 0 ? 1 : 3).toArray();

    Chart chart = draw(part("compute", values));

    assertThat(chart.marks().get(0).path().split("z")).hasSize(80);
    assertThat(chart.y().high()).isEqualTo(2);
  }

  @Test
  void countsAValueThatIsNotFiniteAsNothing() {
    assertThat(draw(part("compute", Double.NaN, 2)).y().high()).isEqualTo(2);
  }

  @Test
  void drawsNothingWithoutRounds() {
    assertThat(draw(part("compute")).marks().get(0).path()).isEmpty();
  }

  @Test
  void rejectsPartsOfDifferentLength() {
    assertThatThrownBy(() -> draw(part("compute", 1, 2), part("wait", 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("'compute' has 2 points and 'wait' has 1");
  }

  private static Chart draw(Series... parts) {
    return StackedChart.draw("Time", "round", "seconds", List.of(parts));
  }

  private static Series part(String name, double... values) {
    return new Series(
        name, IntStream.range(0, values.length).mapToObj(i -> new Point(i, values[i])).toList());
  }
}
