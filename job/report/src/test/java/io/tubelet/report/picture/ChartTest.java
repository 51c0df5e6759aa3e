package io.tubelet.report.picture;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.report.picture.Chart.Point;
import io.tubelet.report.picture.Chart.Series;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ChartTest {
  @Test
  void drawsALineThroughTheCorners() {
    Chart chart = curve(List.of(new Point(0, 0), new Point(10, 1)));

    assertThat(chart.marks()).containsExactly(new Chart.Mark("loss", "M54.0,176.0L340.0,10.0"));
    assertThat(chart.description()).isEqualTo("first 0, last 1.000, between 0 and 1.000");
  }

  @Test
  void thinsALongCurveToTwoPointsPerPixel() {
    Chart chart =
        curve(IntStream.range(0, 50_000).mapToObj(i -> new Point(i, Math.sin(i))).toList());

    assertThat(chart.marks().get(0).path().split("L")).hasSize(2 * (Chart.RIGHT - Chart.LEFT));
  }

  @Test
  void leavesOutLossesThatAreNotFiniteAndSaysSo() {
    Chart chart =
        curve(List.of(new Point(0, 1), new Point(1, Double.NaN), new Point(2, 0), new Point(3, 1)));

    assertThat(chart.marks().get(0).path().split("L")).hasSize(3);
    assertThat(chart.description()).endsWith("1 not finite and not drawn");
  }

  @Test
  void drawsARingForASingleRound() {
    assertThat(curve(List.of(new Point(0, 1))).marks().get(0).path())
        .startsWith("M54.0,")
        .contains("a");
  }

  @Test
  void drawsNothingWithoutPoints() {
    Chart chart = curve(List.of());

    assertThat(chart.marks().get(0).path()).isEmpty();
    assertThat(chart.description()).isEqualTo("no values");
    assertThat(chart.x().ticks()).isNotEmpty();
  }

  @Test
  void namesEachOfSeveralCurves() {
    Series first = new Series("pretrained", List.of(new Point(0, 2), new Point(1, 1)));
    Series second = new Series("scratch", List.of(new Point(0, 3), new Point(1, 2.5)));

    Chart chart = Chart.lines("Loss", "epoch", "loss", true, List.of(first, second));

    assertThat(chart.description())
        .contains("pretrained: first 2.000")
        .contains("scratch: first 3");
    assertThat(chart.y().low()).isZero();
  }

  private static Chart curve(List<Point> points) {
    return Chart.lines("Loss", "round", "loss", false, List.of(new Series("loss", points)));
  }

  @Test
  void keepsTheLowestAndTheHighestOfEachColumn() {
    List<Point> points =
        List.of(
            new Point(0, 5),
            new Point(1, 9),
            new Point(2, 1),
            new Point(3, 4), // column 0
            new Point(4, 2),
            new Point(5, 3),
            new Point(6, 2.5),
            new Point(8, 7)); // column 1

    assertThat(Series.thinned(points, 2))
        .containsExactly(new Point(1, 9), new Point(2, 1), new Point(4, 2), new Point(8, 7));
  }

  @Test
  void leavesTwoPointsPerColumnOfALongCurveAndItsSpikeAmongThem() {
    List<Point> points =
        IntStream.range(0, 10_000)
            .mapToObj(i -> new Point(i, i == 5_001 ? 100 : Math.sin(i)))
            .toList();

    List<Point> thinned = Series.thinned(points, 286);

    assertThat(thinned).hasSize(2 * 286).contains(new Point(5_001, 100)).isSubsetOf(points);
    assertThat(thinned).isSortedAccordingTo((a, b) -> Double.compare(a.x(), b.x()));
  }

  @Test
  void leavesAShortCurveAsItIs() {
    List<Point> points = List.of(new Point(0, 1), new Point(1, 2), new Point(2, 1));

    assertThat(Series.thinned(points, 2)).isEqualTo(points);
  }

  @Test
  void keepsOnePointOfAColumnWhereAllAreEqual() {
    List<Point> points = IntStream.range(0, 10).mapToObj(i -> new Point(i, 3)).toList();

    assertThat(Series.thinned(points, 2)).containsExactly(new Point(0, 3), new Point(5, 3));
  }
}
