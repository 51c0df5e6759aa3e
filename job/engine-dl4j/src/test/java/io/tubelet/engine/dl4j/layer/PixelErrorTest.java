package io.tubelet.engine.dl4j.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tubelet.cube.CubeBatch;
import io.tubelet.engine.Fixture;
import io.tubelet.engine.dl4j.BatchArrays;
import io.tubelet.model.Task.PixelLoss;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class PixelErrorTest {
  /** Two pixels: red 0 and 255, green 10 and 10, blue 255 and 253. */
  private static final INDArray CUBE = cubes(0, 10, 255, 255, 10, 253);

  private static INDArray cubes(double... bytes) {
    return Nd4j.createFromArray(new double[][] {bytes}).castTo(DataType.UINT8);
  }

  private static LossOutput.Loss loss(PixelError error, INDArray cubes, double... predictions) {
    return error.of(Nd4j.createFromArray(new double[][] {predictions}), cubes);
  }

  @Test
  void normalisesEachChannelOfACubeWithUnbiasedVariance() {
    double[] target = PixelError.target(CUBE, true, DataType.DOUBLE).toDoubleMatrix()[0];
    double red = 127.5 / (Math.sqrt(2 * 127.5 * 127.5) + 255e-6);
    double blue = 1 / (Math.sqrt(2) + 255e-6);
    assertThat(target).containsExactly(new double[] {-red, 0, blue, red, 0, -blue}, within(1e-14));
    assertThat(target[1]).isZero();
  }

  @Test
  void aRawTargetIsThePixelsBetweenZeroAndOne() {
    assertThat(PixelError.target(CUBE, false, DataType.DOUBLE).toDoubleMatrix()[0])
        .containsExactly(new double[] {0, 10 / 255., 1, 1, 10 / 255., 253 / 255.}, within(1e-15));
  }

  @Test
  void comparesWithTheTargetOfTheReference() {
    for (Fixture fixture : Fixture.all("pretrain")) {
      CubeBatch batch = fixture.batch("step0.mask");
      float[] expected = fixture.floats("step0.target");
      try (BatchArrays arrays = BatchArrays.of(batch)) {
        INDArray rows = Differentiable.rows(arrays.labels());
        assertThat(PixelError.target(rows, true, DataType.FLOAT).data().asFloat())
            .as(fixture + " target")
            .containsExactly(expected, within(1e-4f));
      }
    }
  }

  @Test
  void theSquaredErrorIsAMeanWithItsDerivative() {
    PixelError error = new PixelError(false, PixelLoss.MSE, 0, 6);
    LossOutput.Loss loss = loss(error, cubes(0, 0, 0, 255, 255, 255), 1, 0, 0, 1, 1, 3);
    assertThat(loss.mean()).isEqualTo((1 + 4) / 6.0);
    assertThat(loss.slope().toDoubleMatrix()[0])
        .containsExactly(new double[] {2 / 6., 0, 0, 0, 0, 4 / 6.}, within(1e-15));
  }

  @Test
  void comparesOneFrameOfACubeByItsOwnMeanAndVariance() {
    // two frames of two pixels; in the second a channel is 0 and 255, so its target is ∓1/√2
    PixelError error = new PixelError(true, PixelLoss.MSE, 6, 6);
    INDArray cubes = cubes(9, 8, 7, 6, 5, 4, 0, 0, 0, 255, 255, 255);
    LossOutput.Loss loss = loss(error, cubes, 5, 5, 5, 5, 5, 5, 0, 0, 0, 0, 0, 2);
    double root = Math.sqrt(0.5);
    double last = 2 - root;
    assertThat(loss.mean()).isCloseTo((5 * 0.5 + last * last) / 6, within(1e-5));
    double third = root / 3;
    assertThat(loss.slope().toDoubleMatrix()[0])
        .containsExactly(
            new double[] {0, 0, 0, 0, 0, 0, third, third, third, -third, -third, last / 3},
            within(1e-5));
  }

  @ParameterizedTest
  @CsvSource({"L1, 3, 1", "SMOOTH_L1, 1.75, 0.5"})
  void theOtherLossesAreMeansToo(PixelLoss kind, double sum, double slope) {
    PixelError error = new PixelError(false, kind, 0, 0);
    LossOutput.Loss loss = loss(error, cubes(0, 0, 0, 0, 0, 0), 0.5, -0.5, 2, 0, 0, 0);
    assertThat(loss.mean()).isCloseTo(sum / 6, within(1e-15));
    assertThat(loss.slope().toDoubleMatrix()[0])
        .containsExactly(new double[] {slope / 6, -slope / 6, 1 / 6., 0, 0, 0}, within(1e-15));
  }

  @Test
  void theCrossEntropyOfEqualScoresIsTheLogarithmOfTheClasses() {
    INDArray scores = Nd4j.createFromArray(new double[][] {{3, 3}, {0, Math.log(3)}});
    INDArray labels = Nd4j.createFromArray(new double[][] {{.7, .3}, {0, 1}});
    LossOutput.Loss loss = LossOutput.crossEntropy(scores, labels);
    assertThat(loss.mean()).isCloseTo((Math.log(2) - Math.log(.75)) / 2, within(1e-14));
    double[][] slope = loss.slope().toDoubleMatrix();
    assertThat(slope[0]).containsExactly(new double[] {-.1, .1}, within(1e-15));
    assertThat(slope[1]).containsExactly(new double[] {.125, -.125}, within(1e-15));
  }
}
