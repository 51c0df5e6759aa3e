package io.tubelet.engine.torch;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Queries, keys and values as views of the products that made them, {@code [batch, rows, heads,
 * headDim]} each. Queries may have fewer rows than keys and values.
 */
record Heads(Tensor query, Tensor key, Tensor value) {

  /**
   * Splits one product {@code [batch, rows, 3 · dim]}, or two, {@code [batch, queries, dim]} and
   * {@code [batch, rows, 2 · dim]}.
   */
  static Heads of(List<Tensor> products, int heads) {
    Tensor last = products.get(products.size() - 1);
    if (products.size() == 1) {
      return new Heads(part(last, 0, 3, heads), part(last, 1, 3, heads), part(last, 2, 3, heads));
    }
    Tensor query = part(products.get(0), 0, 1, heads);
    return new Heads(query, part(last, 0, 2, heads), part(last, 1, 2, heads));
  }

  /** One head of one clip: {@code [rows, headDim]} each. */
  Heads of(long clip, long head) {
    return new Heads(of(query, clip, head), of(key, clip, head), of(value, clip, head));
  }

  /** {@code [batch, rows, heads, headDim] → [rows, headDim]}. */
  static Tensor of(Tensor tensor, long clip, long head) {
    return tensor.select(0, clip).select(1, head);
  }

  private static Tensor part(Tensor product, int index, int parts, int heads) {
    long headDim = product.size(2) / parts / heads;
    return product.view(product.size(0), product.size(1), parts, heads, headDim).select(2, index);
  }
}
