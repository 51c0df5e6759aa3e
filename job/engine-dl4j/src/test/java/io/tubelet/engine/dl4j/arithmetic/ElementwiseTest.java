package io.tubelet.engine.dl4j.arithmetic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class ElementwiseTest {

  @Test
  void exponentialsAreAsExactAsTheirDocumentationSays() {
    for (double x = -20; x <= 0; x += 0.013) {
      double[] values = {x};
      Exponential.apply(values, 1);
      assertThat(values[0]).isCloseTo(Math.exp(x), Percentage.withPercentage(1e-10));
    }
    double[] low = {-80, -81, -1e9, Double.NaN};
    Exponential.apply(low, 4);
    assertThat(low[0]).isCloseTo(Math.exp(-80), Percentage.withPercentage(2e-4));
    assertThat(low[1]).isEqualTo(low[0]);
    assertThat(low[2]).isEqualTo(low[0]);
    assertThat(low[3]).isNaN();
  }

  @Test
  void geluAgreesWithTheIntegralOfTheNormalDensity() {
    for (double x = -8; x <= 8; x += 0.37) {
      INDArray slope = Nd4j.createFromArray(x);
      INDArray value = Nd4j.createFromArray(0.0);
      Gelu.forward(slope, value);
      double below = 0.5 + integral(x);
      double density = Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
      assertThat(value.getDouble(0)).isCloseTo(x * below, within(1e-11));
      assertThat(slope.getDouble(0)).isCloseTo(below + x * density, within(1e-11));
    }
  }

  /** Integral of the density from 0 to x by Simpson's rule. */
  private static double integral(double x) {
    int steps = 2000;
    double sum = 0;
    for (int i = 0; i <= steps; i++) {
      double at = x * i / steps;
      double weight = i == 0 || i == steps ? 1 : i % 2 == 0 ? 2 : 4;
      sum += weight * Math.exp(-at * at / 2);
    }
    return sum * x / steps / 3 / Math.sqrt(2 * Math.PI);
  }

  @Test
  void geluIsTheIdentityFarToTheRightAndZeroFarToTheLeft() {
    INDArray slope = Nd4j.createFromArray(-1e6f, -40f, 0f, 40f, 1e6f);
    INDArray value = Nd4j.createFromArray(new float[5]);
    Gelu.forward(slope, value);
    assertThat(value.toFloatVector())
        .containsExactly(new float[] {0, 0, 0, 40, 1e6f}, within(1e-25f));
    assertThat(slope.toFloatVector())
        .containsExactly(new float[] {0, 0, .5f, 1, 1}, within(1e-25f));
  }

  @Test
  void geluReachesEveryValueOfALongArray() {
    int length = 3 * Values.BLOCK + 5;
    INDArray slope = Nd4j.ones(length);
    INDArray value = Nd4j.zeros(length);
    Gelu.forward(slope, value);
    float one = (float) 0.8413447460685429; // Φ(1)
    assertThat(value.minNumber().floatValue()).isEqualTo(one);
    assertThat(value.maxNumber().floatValue()).isEqualTo(one);
  }
}
