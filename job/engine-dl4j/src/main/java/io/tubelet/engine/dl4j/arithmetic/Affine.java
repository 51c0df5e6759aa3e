package io.tubelet.engine.dl4j.arithmetic;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A dense layer: {@code y = x·weightᵀ + bias}.
 *
 * @param weight {@code [out, in]}
 * @param bias {@code [out]}
 */
public record Affine(INDArray weight, INDArray bias) {

  /** {@code x [rows, in]} → {@code y [rows, out]}. */
  public void forward(INDArray x, INDArray y) {
    Nd4j.matmul(x, weight, y, false, true, false);
    y.addiRowVector(bias);
  }

  /**
   * The derivatives by weight and bias.
   *
   * @param x the input {@code [rows, in]}
   * @param dy derivative by the output {@code [rows, out]}
   * @param gradient its arrays become the derivatives
   */
  public static void gradient(INDArray x, INDArray dy, Affine gradient) {
    Nd4j.matmul(dy, x, gradient.weight, true, false, false);
    Sums.overRows(dy, gradient.bias);
  }

  /** The derivative by the input: {@code dy [rows, out]} → {@code dx [rows, in]}. */
  public void backward(INDArray dy, INDArray dx) {
    Nd4j.matmul(dy, weight, dx, false, false, false);
  }
}
