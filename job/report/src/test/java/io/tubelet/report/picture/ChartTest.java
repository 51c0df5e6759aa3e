package io.tubelet.report.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tubelet.report.picture.Chart.Axis;
import io.tubelet.report.picture.Chart.Point;
import io.tubelet.report.picture.Chart.Series;
import java.util.List;
import java.util.Locale;
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

  @Test
  void growsTheVerticalAxisToRoundNumbers() {
    Axis axis = Axis.vertical("loss", 0.61, 1.02);

    assertThat(labels(axis)).containsExactly("0.6", "0.8", "1.0", "1.2");
    assertThat(axis.at(0.6)).isCloseTo(Chart.BOTTOM, within(1e-9));
    assertThat(axis.at(1.2)).isCloseTo(Chart.TOP, within(1e-9));
    assertThat(axis.ticks().get(0).at()).isEqualTo(Chart.BOTTOM);
  }

  @Test
  void spansExactlyTheRoundsAndHasNoHalfOnes() {
    Axis axis = Axis.horizontal("round", 0, 2, true);

    assertThat(labels(axis)).containsExactly("0", "1", "2");
    assertThat(axis.at(0)).isEqualTo(Chart.LEFT);
    assertThat(axis.at(2)).isEqualTo(Chart.RIGHT);
  }

  @Test
  void halvesEpochs() {
    assertThat(labels(Axis.horizontal("epoch", 0, 2, false)))
        .containsExactly("0.0", "0.5", "1.0", "1.5", "2.0");
  }

  @Test
  void writesSmallRatesWithAnExponent() {
    assertThat(labels(Axis.vertical("rate", 0, 1.5e-4)))
        .containsExactly("0", "5.0e-5", "1.0e-4", "1.5e-4");
  }

  @Test
  void shortensNumbersThatWouldNotFitBesideTheAxis() {
    assertThat(labels(Axis.vertical("rate", 0, 1e-3))).containsExactly("0", "5.0e-4", "1.0e-3");
    assertThat(labels(Axis.vertical("clips/s", 0, 12_000)))
        .containsExactly("0", "5k", "10k", "15k");
  }

  @Test
  void givesAFlatCurveAnAxisAroundIt() {
    Axis axis = Axis.vertical("norm", 2, 2);

    assertThat(axis.low()).isLessThan(2);
    assertThat(axis.high()).isGreaterThan(2);
  }

  @Test
  void givesOneRoundAnAxis() {
    assertThat(labels(Axis.horizontal("round", 7, 7, true))).containsExactly("7", "8");
  }

  private static List<String> labels(Axis axis) {
    return axis.ticks().stream().map(Axis.Tick::label).toList();
  }

  @Test
  void writesAboutFourDigits() {
    assertThat(NumberText.of(0.6123)).isEqualTo("0.612");
    assertThat(NumberText.of(1.5e-4)).isEqualTo("1.50e-4");
    assertThat(NumberText.of(123.45)).isEqualTo("123.5");
    assertThat(NumberText.of(12345.6)).isEqualTo("12,346");
    assertThat(NumberText.of(0.0)).isEqualTo("0");
    assertThat(NumberText.of(Double.NaN)).isEqualTo("–");
    assertThat(NumberText.percent(0.8333)).isEqualTo("83.3\u00a0%");
    assertThat(NumberText.percent(Double.NaN)).isEqualTo("–");
  }

  @Test
  void writesTheSameInEveryLocale() {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.GERMANY);
      assertThat(NumberText.of(0.5)).isEqualTo("0.500");
      assertThat(NumberText.count(1234)).isEqualTo("1,234");
    } finally {
      Locale.setDefault(before);
    }
  }
}
