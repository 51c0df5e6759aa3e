package io.tubelet.engine.dl4j.arithmetic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class RowwiseTest {

  @Test
  void softmaxOfLogarithmsIsTheirShares() {
    INDArray scores =
        Nd4j.createFromArray(new double[][] {{0, Math.log(2), Math.log(3)}, {5, 5, 5}});
    Softmax.forward(scores, 1);
    assertThat(scores.toDoubleMatrix()[0])
        .containsExactly(new double[] {1 / 6., 2 / 6., 3 / 6.}, within(1e-14));
    assertThat(scores.toDoubleMatrix()[1])
        .containsExactly(new double[] {1 / 3., 1 / 3., 1 / 3.}, within(1e-14));
  }

  @Test
  void softmaxScalesTheScoresAndSurvivesHugeOnes() {
    INDArray scores =
        Nd4j.createFromArray(new double[][] {{2e4 + 2 * Math.log(4), 2e4}, {-9e9, 0}});
    Softmax.forward(scores, 0.5);
    assertThat(scores.toDoubleMatrix()[0]).containsExactly(new double[] {.8, .2}, within(1e-11));
    assertThat(scores.toDoubleMatrix()[1]).containsExactly(new double[] {0, 1}, within(1e-30));
  }

  @Test
  void softmaxTakesRowsLongerThanABlock() {
    INDArray scores = Nd4j.rand(DataType.FLOAT, 3, Values.BLOCK + 100);
    Softmax.forward(scores, 1);
    assertThat(scores.sum(1).toFloatVector()).containsExactly(new float[] {1, 1, 1}, within(1e-5f));
  }

  @Test
  void softmaxDerivativeIsThatOfTwoClassesByHand() {
    INDArray probabilities = Nd4j.createFromArray(new double[][] {{.5, .5}, {.9, .1}});
    INDArray gradient = Nd4j.createFromArray(new double[][] {{1, 0}, {0, 1}});
    Softmax.backward(probabilities, gradient, 2);
    // s · p · (dp − Σ p·dp): 2 · 0.5 · (1 − 0.5), 2 · 0.9 · (0 − 0.1)
    assertThat(gradient.toDoubleMatrix()[0]).containsExactly(new double[] {.5, -.5}, within(1e-15));
    assertThat(gradient.toDoubleMatrix()[1])
        .containsExactly(new double[] {-.18, .18}, within(1e-15));
  }

  @Test
  void normUsesTheBiasedVariance() {
    Norm norm = new Norm(Nd4j.createFromArray(1.0, 1, 1, 2), Nd4j.createFromArray(0.0, 0, 0, 7));
    INDArray x = Nd4j.createFromArray(new double[][] {{1, 2, 3, 4}});
    INDArray y = Nd4j.createFromArray(new double[1][4]);
    norm.forward(x, y);
    double std = Math.sqrt(1.25 + 1e-6);
    assertThat(y.toDoubleMatrix()[0])
        .containsExactly(
            new double[] {-1.5 / std, -.5 / std, .5 / std, 2 * 1.5 / std + 7}, within(1e-14));
  }

  @Test
  void normOfAConstantRowIsItsBias() {
    Norm norm = new Norm(Nd4j.createFromArray(3.0, 3), Nd4j.createFromArray(1.0, 2));
    INDArray y = Nd4j.createFromArray(new double[1][2]);
    norm.forward(Nd4j.createFromArray(new double[][] {{5, 5}}), y);
    assertThat(y.toDoubleMatrix()[0]).containsExactly(1, 2);
  }

  @Test
  void normAddsItsDerivativeToWhatIsThere() {
    Norm norm = new Norm(Nd4j.createFromArray(1.0, 1), Nd4j.createFromArray(0.0, 0));
    Norm gradient = new Norm(Nd4j.createFromArray(9.0, 9), Nd4j.createFromArray(9.0, 9));
    INDArray x = Nd4j.createFromArray(new double[][] {{0, 2}, {4, 8}});
    INDArray dy = Nd4j.createFromArray(new double[][] {{1, 1}, {3, 0}});
    INDArray dx = Nd4j.createFromArray(new double[][] {{10, 20}, {30, 40}});
    norm.backward(x, dy, gradient, dx);
    // two values: x̂ is ∓1 whatever they are, so its derivative all but vanishes
    assertThat(dx.toDoubleMatrix()[0]).containsExactly(new double[] {10, 20}, within(1e-5));
    assertThat(dx.toDoubleMatrix()[1]).containsExactly(new double[] {30, 40}, within(1e-5));
    assertThat(gradient.weight().toDoubleVector())
        .containsExactly(new double[] {-4, 1}, within(1e-5));
    assertThat(gradient.bias().toDoubleVector()).containsExactly(4, 1);
  }

  @Test
  void sumsRowsAndSquares() {
    INDArray matrix = Nd4j.createFromArray(new float[][] {{3, 0, 1}, {0, 4, 1}});
    INDArray sum = Nd4j.createFromArray(new float[3]);
    Sums.overRows(matrix, sum);
    assertThat(sum.toFloatVector()).containsExactly(3, 4, 2);
    assertThat(Sums.norm(Nd4j.createFromArray(3f, 4f))).isEqualTo(5);
    assertThat(Sums.of(new double[] {1, 2, 3, 4, 5, 6, 7}, 1, 7)).isEqualTo(27);
  }

  @Test
  void attentionTakesTheMeanOfTheValuesWhereAllKeysAgree() {
    Attention attention = new Attention(1, 2, 2, 1);
    // [query ; key ; value], two heads of width 1
    INDArray packed =
        Nd4j.createFromArray(new float[][] {{5, 1, 3, 0, 10, 1}, {7, 2, 3, 0, 20, 3}});
    INDArray probabilities = Nd4j.zeros(DataType.FLOAT, 1, 2, 2, 2);
    INDArray context = Nd4j.zeros(DataType.FLOAT, 2, 2);
    attention.forward(packed, probabilities, context);
    assertThat(context.toFloatMatrix()).isDeepEqualTo(new float[][] {{15, 2}, {15, 2}});
    assertThat(probabilities.data().asFloat()).containsOnly(.5f);
  }
}
