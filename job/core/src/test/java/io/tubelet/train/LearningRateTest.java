package io.tubelet.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LearningRateTest {
  private final LearningRate rate = new LearningRate(1, 0.1, 5, 15);

  @Test
  void warmsUpFromZeroToThePeakWithBothEnds() {
    assertThat(rate.at(0)).isZero();
    assertThat(rate.at(2)).isCloseTo(0.5, within(1e-12));
    assertThat(rate.at(4)).isEqualTo(1);
  }

  @Test
  void startsTheCosineAtThePeakAndEndsAboveTheFloor() {
    assertThat(rate.at(5)).isEqualTo(1);
    assertThat(rate.at(10)).isCloseTo(0.55, within(1e-12));
    assertThat(rate.at(14)).isCloseTo(0.1 + 0.45 * (1 + Math.cos(0.9 * Math.PI)), within(1e-12));
    assertThat(rate.at(15)).isEqualTo(0.1);
  }

  @Test
  void scalesByTotalBatchOver256() {
    assertThat(LearningRate.scaled(1.5e-4, 1024)).isCloseTo(6e-4, within(1e-18));
  }
}
