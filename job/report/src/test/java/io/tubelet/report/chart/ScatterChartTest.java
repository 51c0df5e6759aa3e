package io.tubelet.report.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScatterChartTest {
  private static Series series(String name, double... xy) {
    return new Series(name, List.of(new Point(xy[0], xy[1]), new Point(xy[2], xy[3])));
  }

  @Test
  void drawsAGlyphAPointAndAnotherForEachSeries() {
    Chart chart =
        ScatterChart.draw(
            "t", "x", "y", List.of(series("a", 0, 0, 1, 1), series("b", 2, 5, 3, Double.NaN)));
    assertThat(chart.marks().get(0).path()).containsOnlyOnce("M54.0,176.0").hasSizeGreaterThan(50);
    assertThat(chart.marks().get(1).path().chars().filter(c -> c == 'M')).hasSize(1);
    assertThat(chart.description()).isEqualTo("a: 2, b: 1");
  }

  @Test
  void hasSixteenGlyphs() {
    List<Series> many = Collections.nCopies(17, series("a", 0, 0, 1, 1));
    assertThat(ScatterChart.draw("t", "x", "y", many.subList(0, 16)).marks())
        .extracting(mark -> mark.glyph())
        .hasSize(16);
    assertThatThrownBy(() -> ScatterChart.draw("t", "x", "y", many))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
