package io.tubelet.engine.dl4j.layer;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Puts the mask token behind the visible tokens, once for every other token of the clip: {@code
 * [batch, visible, dim]} → {@code [batch, tokens, dim]}.
 */
final class MaskTokens implements Differentiable {
  private final Tensors tensors;
  private final String name; // [1, 1, dim]
  private final long count;
  private long visible;

  /**
   * @param count tokens of a whole clip
   */
  MaskTokens(Tensors tensors, String name, long count) {
    this.tensors = tensors;
    this.name = name;
    this.count = count;
  }

  /** Tokens {@code from … to} of {@code [batch, tokens, dim]}, a view. */
  static INDArray slice(INDArray tokens, long from, long to) {
    return tokens.get(NDArrayIndex.all(), NDArrayIndex.interval(from, to), NDArrayIndex.all());
  }

  @Override
  public INDArray forward(INDArray x) {
    visible = x.size(1);
    INDArray all = Nd4j.create(x.dataType(), new long[] {x.size(0), count, x.size(2)}, 'c');
    Differentiable.rows(all).addiRowVector(tensors.value(name).reshape(x.size(2)));
    slice(all, 0, visible).assign(x);
    return all;
  }

  @Override
  public INDArray backward(INDArray dy) {
    INDArray hidden = slice(dy, visible, count).dup('c');
    Differentiable.rows(hidden).sum(tensors.gradient(name).reshape(dy.size(2)), 0);
    return slice(dy, 0, visible).dup('c');
  }
}
