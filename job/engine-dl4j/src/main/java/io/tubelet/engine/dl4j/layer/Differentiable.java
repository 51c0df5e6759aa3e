package io.tubelet.engine.dl4j.layer;

import org.nd4j.linalg.api.blas.params.MMulTranspose;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.reduce.Mmul;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A function of tokens, {@code [batch, tokens, dim]} or {@code [rows, dim]}, with its derivative.
 *
 * <p>It allocates in the workspace that is current: in the forward pass of training one that lasts
 * until the backward pass has ended, so that what the derivative needs is kept in fields; in the
 * backward pass one that lasts as long as the layer's.
 */
interface Differentiable {

  /** A layer's tensors and the derivatives by them, views into the network's flat vectors. */
  interface Tensors {
    /** The tensor of this name. */
    INDArray value(String name);

    /** Where the derivative of the loss by the tensor is written. */
    INDArray gradient(String name);
  }

  /** The function; {@code x} stays as it is. */
  INDArray forward(INDArray x);

  /**
   * Writes the derivatives by the tensors.
   *
   * @param dy derivative by what {@link #forward} gave last; stays as it is
   * @return the derivative by its input; null where it has none
   */
  INDArray backward(INDArray dy);

  /**
   * Multiplies by factors in the passes that follow; null: by ones.
   *
   * @throws UnsupportedOperationException if there is nothing to multiply
   */
  default void scale(INDArray factors) {
    throw new UnsupportedOperationException("nothing is ever dropped here");
  }

  /** {@code [batch, tokens, dim]} → {@code [batch · tokens, dim]}, a view. */
  static INDArray rows(INDArray x) {
    return x.rank() == 2 ? x : x.reshape('c', x.size(0) * x.size(1), x.size(2));
  }

  /** Rows as {@code [batch, tokens, …]} where {@code x} is. */
  static INDArray like(INDArray x, INDArray rows) {
    return x.rank() == 2 ? rows : rows.reshape('c', x.size(0), x.size(1), rows.size(1));
  }

  /** A matrix product, row-major; a flag transposes the matrix before it. */
  static INDArray product(INDArray a, boolean transposeA, INDArray b, boolean transposeB) {
    long[] shape = {a.size(transposeA ? 1 : 0), b.size(transposeB ? 0 : 1)};
    return product(
        a, transposeA, b, transposeB, 1, Nd4j.createUninitialized(a.dataType(), shape, 'c'));
  }

  /** {@code to ← factor · a·b} of two matrices, or of each pair of the last two axes. */
  static INDArray product(
      INDArray a, boolean transposeA, INDArray b, boolean transposeB, double factor, INDArray to) {
    MMulTranspose transposed =
        MMulTranspose.builder().transposeA(transposeA).transposeB(transposeB).build();
    return Nd4j.exec(new Mmul(a, b, to, factor, 0, transposed))[0];
  }
}
