package io.tubelet.engine.dl4j.arithmetic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tubelet.model.Task.PixelLoss;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class PixelsTest {
  private static final byte WHITE = (byte) 255;

  /** Two pixels: red 0 and 255, green 10 and 10, blue 255 and 253. */
  private static final byte[] CUBE = {0, 10, WHITE, WHITE, 10, (byte) 253};

  @Test
  void normalisesEachChannelOfACubeWithUnbiasedVariance() {
    double[] target = new double[6];
    Pixels.target(CUBE, true, target);
    double red = 127.5 / (Math.sqrt(2 * 127.5 * 127.5) + 255e-6);
    double blue = 1 / (Math.sqrt(2) + 255e-6);
    assertThat(target).containsExactly(new double[] {-red, 0, blue, red, 0, -blue}, within(1e-14));
    assertThat(target[1]).isZero();
  }

  @Test
  void aRawTargetIsThePixelsBetweenZeroAndOne() {
    double[] target = new double[6];
    Pixels.target(CUBE, false, target);
    assertThat(target)
        .containsExactly(new double[] {0, 10 / 255., 1, 1, 10 / 255., 253 / 255.}, within(1e-15));
  }

  @Test
  void theNetworkSeesPixelsNormalisedByImageNetsColours() {
    INDArray cubes = Nd4j.createUninitialized(DataType.UINT8, 1, 1, 6);
    Values.bytes(cubes).put(CUBE);
    INDArray rows = Nd4j.zeros(DataType.DOUBLE, 1, 6);
    Pixels.normalise(cubes, rows);
    assertThat(rows.toDoubleMatrix()[0])
        .containsExactly(
            new double[] {
              -0.485 / 0.229,
              (10 / 255. - 0.456) / 0.224,
              (1 - 0.406) / 0.225,
              (1 - 0.485) / 0.229,
              (10 / 255. - 0.456) / 0.224,
              (253 / 255. - 0.406) / 0.225
            },
            within(1e-6));
  }

  @Test
  void theSquaredErrorIsAMeanAndLeavesItsDerivative() {
    INDArray cubes = Nd4j.createUninitialized(DataType.UINT8, 1, 1, 6);
    Values.bytes(cubes).put(new byte[] {0, 0, 0, WHITE, WHITE, WHITE});
    INDArray predictions = Nd4j.createFromArray(new double[][] {{1, 0, 0, 1, 1, 3}});
    assertThat(new PixelError(false, PixelLoss.MSE, 0, 6).of(predictions, cubes))
        .isEqualTo((1 + 4) / 6.0);
    assertThat(predictions.toDoubleMatrix()[0])
        .containsExactly(new double[] {2 / 6., 0, 0, 0, 0, 4 / 6.}, within(1e-15));
  }

  @Test
  void comparesOneFrameOfACubeByItsOwnMeanAndVariance() {
    // two frames of two pixels; in the second a channel is 0 and 255, so its target is ∓1/√2
    INDArray cubes = Nd4j.createUninitialized(DataType.UINT8, 1, 1, 12);
    byte[] bytes = {9, 8, 7, 6, 5, 4, 0, 0, 0, WHITE, WHITE, WHITE};
    Values.bytes(cubes).put(bytes);
    INDArray predictions =
        Nd4j.createFromArray(new double[][] {{5, 5, 5, 5, 5, 5, 0, 0, 0, 0, 0, 2}});
    double root = Math.sqrt(0.5);
    double last = 2 - root;
    assertThat(new PixelError(true, PixelLoss.MSE, 6, 6).of(predictions, cubes))
        .isCloseTo((5 * 0.5 + last * last) / 6, within(1e-5));
    assertThat(predictions.toDoubleMatrix()[0])
        .containsExactly(
            new double[] {
              0, 0, 0, 0, 0, 0, root / 3, root / 3, root / 3, -root / 3, -root / 3, last / 3
            },
            within(1e-5));
  }

  @ParameterizedTest
  @CsvSource({"L1, 3, 1", "SMOOTH_L1, 1.75, 0.5"})
  void theOtherLossesAreMeansToo(PixelLoss loss, double sum, double slope) {
    INDArray cubes = Nd4j.createUninitialized(DataType.UINT8, 1, 1, 6);
    Values.bytes(cubes).put(new byte[6]);
    INDArray predictions = Nd4j.createFromArray(new double[][] {{0.5, -0.5, 2, 0, 0, 0}});
    double mean = new PixelError(false, loss, 0, 0).of(predictions, cubes);
    assertThat(mean).isCloseTo(sum / 6, within(1e-15));
    assertThat(predictions.toDoubleMatrix()[0])
        .containsExactly(new double[] {slope / 6, -slope / 6, 1 / 6., 0, 0, 0}, within(1e-15));
  }

  @Test
  void theCrossEntropyOfEqualScoresIsTheLogarithmOfTheClasses() {
    INDArray scores = Nd4j.createFromArray(new double[][] {{3, 3}, {0, Math.log(3)}});
    INDArray labels = Nd4j.createFromArray(new double[][] {{.7, .3}, {0, 1}});
    double second = -Math.log(.75);
    assertThat(CrossEntropy.of(scores, labels))
        .isCloseTo((Math.log(2) + second) / 2, within(1e-14));
    assertThat(scores.toDoubleMatrix()[0]).containsExactly(new double[] {-.1, .1}, within(1e-15));
    assertThat(scores.toDoubleMatrix()[1])
        .containsExactly(new double[] {.125, -.125}, within(1e-15));
  }
}
