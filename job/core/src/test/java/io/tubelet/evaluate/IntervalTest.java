package io.tubelet.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tubelet.evaluate.Accuracy.Interval;
import java.util.List;
import org.junit.jupiter.api.Test;

class IntervalTest {
  @Test
  void isThatOfTheBinomialDistribution() {
    // 2.5 % and 97.5 % quantiles of Binomial(100, 0.7) are 61 and 79
    Interval interval = Interval.bootstrap(70, 100);
    assertThat(interval.low()).isCloseTo(0.61, within(0.011));
    assertThat(interval.high()).isCloseTo(0.79, within(0.011));
    assertThat(Interval.bootstrap(70, 100)).isEqualTo(interval);
  }

  @Test
  void narrowsWithMoreVideosAndHasNoWidthWhereAllAreRight() {
    Interval few = Interval.bootstrap(7, 10);
    Interval many = Interval.bootstrap(700, 1000);
    assertThat(many.high() - many.low()).isLessThan((few.high() - few.low()) / 5);
    assertThat(Interval.bootstrap(10, 10)).isEqualTo(new Interval(1, 1));
    assertThat(Interval.bootstrap(0, 0)).isEqualTo(new Interval(0, 1));
  }

  @Test
  void spansTheMeanOfAFewValuesByStudentsDistribution() {
    // 1, 2, 3: mean 2, s = 1, t = 4.303 with two degrees of freedom
    Interval interval = Interval.ofMean(List.of(1.0, 2.0, 3.0));
    assertThat(interval.low()).isCloseTo(2 - 4.303 / Math.sqrt(3), within(1e-12));
    assertThat(interval.high()).isCloseTo(2 + 4.303 / Math.sqrt(3), within(1e-12));
    assertThat(Interval.ofMean(List.of(1.0)).low()).isNaN();
  }
}
