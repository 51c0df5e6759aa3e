package io.tubelet.engine.dl4j.arithmetic;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Scaled dot-product attention (arXiv 1706.03762, section 3.2) over the columns {@code [query ; key
 * ; value]} of one matrix; head i owns the columns {@code i · headDim …} of each.
 *
 * <pre>
 * p = softmax(q·kᵀ / √headDim)        context = p·v
 * </pre>
 *
 * <p>Heads are strided views, which the matrix product reads and writes without a copy.
 *
 * @param batch clips
 * @param tokens tokens of a clip
 * @param heads attention heads
 * @param headDim width of a head
 */
public record Attention(int batch, int tokens, int heads, int headDim) {

  private double scale() {
    return 1 / Math.sqrt(headDim);
  }

  /** The heads of a contiguous matrix from a column on: {@code [batch, heads, tokens, headDim]}. */
  private INDArray split(INDArray matrix, long column) {
    long width = matrix.size(1);
    long[] shape = {batch, heads, tokens, headDim};
    long[] stride = {tokens * width, headDim, width, 1};
    return Nd4j.create(matrix.data(), shape, stride, matrix.offset() + column, 'c');
  }

  private INDArray query(INDArray packed) {
    return split(packed, 0);
  }

  private INDArray key(INDArray packed) {
    return split(packed, (long) heads * headDim);
  }

  private INDArray value(INDArray packed) {
    return split(packed, 2L * heads * headDim);
  }

  /**
   * Mixes the values.
   *
   * @param packed queries, keys, values {@code [batch · tokens, 3 · dim]}
   * @param probabilities output {@code [batch, heads, tokens, tokens]}
   * @param context output {@code [batch · tokens, dim]}
   */
  public void forward(INDArray packed, INDArray probabilities, INDArray context) {
    Nd4j.matmul(query(packed), key(packed), probabilities, false, true, false);
    Softmax.forward(probabilities, scale());
    Nd4j.matmul(probabilities, value(packed), split(context, 0), false, false, false);
  }

  /**
   * The derivative by queries, keys and values.
   *
   * @param packed what {@link #forward} took
   * @param probabilities what {@link #forward} left
   * @param context derivative by the context {@code [batch · tokens, dim]}
   * @param scores working memory {@code [batch, heads, tokens, tokens]}
   * @param gradient output {@code [batch · tokens, 3 · dim]}
   */
  public void backward(
      INDArray packed,
      INDArray probabilities,
      INDArray context,
      INDArray scores,
      INDArray gradient) {
    INDArray outer = split(context, 0);
    Nd4j.matmul(probabilities, outer, value(gradient), true, false, false);
    Nd4j.matmul(outer, value(packed), scores, false, true, false);
    Softmax.backward(probabilities, scores, scale());
    Nd4j.matmul(scores, key(packed), query(gradient), false, false, false);
    Nd4j.matmul(scores, query(packed), key(gradient), true, false, false);
  }
}
