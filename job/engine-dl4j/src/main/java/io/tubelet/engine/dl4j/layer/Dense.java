package io.tubelet.engine.dl4j.layer;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * {@code y = (f · x)·weightᵀ + bias}: {@code [batch, tokens, in]} → {@code [batch, tokens, out]},
 * or rows to rows, with dropout's factors f.
 */
final class Dense implements Differentiable {
  private final Tensors tensors;
  private final String weight; // [out, in]
  private final String bias; // [out], null without
  private INDArray factors; // null for ones
  private INDArray input; // [rows, in]

  /** The tensors {@code name.weight} and {@code name.bias}. */
  Dense(Tensors tensors, String name) {
    this(tensors, name + ".weight", name + ".bias");
  }

  Dense(Tensors tensors, String weight, String bias) {
    this.tensors = tensors;
    this.weight = weight;
    this.bias = bias;
  }

  /**
   * {@inheritDoc}
   *
   * @param factors {@code [rows, in]}
   */
  @Override
  public void scale(INDArray factors) {
    this.factors = factors;
  }

  @Override
  public INDArray forward(INDArray x) {
    INDArray rows = Differentiable.rows(x);
    input = factors == null ? rows : rows.mul(factors);
    INDArray y = Differentiable.product(input, false, tensors.value(weight), true);
    if (bias != null) {
      y.addiRowVector(tensors.value(bias));
    }
    return Differentiable.like(x, y);
  }

  @Override
  public INDArray backward(INDArray dy) {
    INDArray rows = Differentiable.rows(dy);
    Differentiable.product(rows, true, input, false, 1, tensors.gradient(weight));
    if (bias != null) {
      rows.sum(tensors.gradient(bias), 0);
    }
    INDArray dx = Differentiable.product(rows, false, tensors.value(weight), false);
    if (factors != null) {
      dx.muli(factors);
    }
    return Differentiable.like(dy, dx);
  }
}
