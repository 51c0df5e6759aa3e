package io.tubelet.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import org.junit.jupiter.api.Test;

class WilsonIntervalTest {
  @Test
  void agreesWithNumbersByHand() {
    // z² = 3.8415; centre (0.8 + 0.19207) / 1.38415; reach 1.96·√(0.016 + 0.0096036) / 1.38415
    expect(WilsonInterval.of(8, 10), 0.4902, 0.9433);
    expect(WilsonInterval.of(50, 100), 0.4038, 0.5962);
  }

  @Test
  void hasAWidthAtTheEnds() {
    expect(WilsonInterval.of(0, 10), 0, 0.2775); // z² / (n + z²)
    expect(WilsonInterval.of(10, 10), 0.7225, 1);
  }

  @Test
  void knowsNothingWithoutTrials() {
    assertThat(WilsonInterval.of(0, 0)).isEqualTo(new WilsonInterval(0, 1));
  }

  @Test
  void rejectsMoreSuccessesThanTrials() {
    assertThatThrownBy(() -> WilsonInterval.of(3, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("3 successes of 2 trials");
  }

  private static void expect(WilsonInterval interval, double low, double high) {
    assertThat(interval.low()).isCloseTo(low, offset(5e-5));
    assertThat(interval.high()).isCloseTo(high, offset(5e-5));
  }
}
