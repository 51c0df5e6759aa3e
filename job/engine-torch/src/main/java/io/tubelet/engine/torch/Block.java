package io.tubelet.engine.torch;

import io.tubelet.model.Transformer;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A pre-norm transformer block (arXiv 2010.11929, section 3.1; MLP with exact GELU):
 *
 * <pre>
 * y = x + proj(attention(norm1(x)))        z = y + fc2(gelu(fc1(norm2(y))))
 * </pre>
 *
 * <p>Query, key and value are one dense layer. Its bias has a zero where the keys' would be; the
 * gradient there is struck out by {@link Weights}.
 */
record Block(
    Norm norm1,
    Dense queryKeyValue,
    Dense projection,
    Norm norm2,
    Dense fc1,
    Dense fc2,
    Attention attention,
    int heads) {

  /** The block with this name in the layout. */
  static Block of(Weights weights, String name, Transformer size, Attention attention) {
    return new Block(
        weights.norm(name + ".layernorm_before"),
        weights.dense(name + ".attention.attention." + Leaf.FUSED),
        weights.dense(name + ".attention.output.dense"),
        weights.norm(name + ".layernorm_after"),
        weights.dense(name + ".intermediate.dense"),
        weights.dense(name + ".output.dense"),
        attention,
        size.heads());
  }

  /**
   * {@code [batch, tokens, dim] → [batch, tokens − from, dim]}: the outputs of the rows behind
   * {@code from}. Every row still attends to all.
   */
  Tensor apply(Tensor input, long from, Tape tape) {
    return apply(input, from, null, tape);
  }

  /**
   * The same with each clip's branches multiplied.
   *
   * @param factors of attention and MLP, {@code [batch, 1, branches]}; null for ones
   */
  Tensor apply(Tensor input, long from, Tensor factors, Tape tape) {
    Tensor x = tape.cut(input);
    Tensor stream = behind(x, from);
    Tensor attended = attention.apply(products(norm1.apply(x), from, tape), heads, tape);
    Tensor y = scaled(stream, projection.addTo(stream, attended, tape), factors, 0, tape);
    Tensor hidden = torch.gelu(fc1.apply(norm2.apply(y), tape)); // [batch, tokens − from, mlpDim]
    return scaled(y, fc2.addTo(y, hidden, tape), factors, 1, tape);
  }

  /** {@code stream + f · (sum − stream)}, where the sum is the stream's with a branch. */
  private static Tensor scaled(Tensor stream, Tensor sum, Tensor factors, int branch, Tape tape) {
    return factors == null ? sum : tape.cut(torch.lerp(stream, sum, factors.narrow(2, branch, 1)));
  }

  private List<Tensor> products(Tensor normed, long from, Tape tape) {
    if (from == 0) {
      return List.of(queryKeyValue.apply(normed, tape)); // [batch, tokens, 3 · dim]
    }
    Tensor x = tape.cut(normed); // two products come from it
    long dim = x.size(2);
    return List.of(
        queryKeyValue.outputs(0, dim).apply(behind(x, from), tape), // [batch, tokens − from, dim]
        queryKeyValue.outputs(dim, 2 * dim).apply(x, tape)); // [batch, tokens, 2 · dim]
  }

  private static Tensor behind(Tensor x, long from) {
    return from == 0 ? x : x.narrow(1, from, x.size(1) - from);
  }
}
