package io.tubelet.report.picture;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class AxisTest {
  @Test
  void growsTheVerticalAxisToRoundNumbers() {
    Axis axis = Axis.vertical("loss", 0.61, 1.02);

    assertThat(labels(axis)).containsExactly("0.6", "0.8", "1.0", "1.2");
    assertThat(axis.at(0.6)).isCloseTo(Chart.BOTTOM, within());
    assertThat(axis.at(1.2)).isCloseTo(Chart.TOP, within());
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

  private static Offset<Double> within() {
    return Offset.offset(1e-9);
  }
}
