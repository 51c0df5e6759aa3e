package io.tubelet.engine.torch;

import io.tubelet.model.ModelSpec;
import io.tubelet.model.Task;
import io.tubelet.model.Transformer;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

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

  /** The blocks whose names in the layout are {@code prefix} and their number. */
  static List<Block> all(Weights weights, String prefix, Transformer size) {
    boolean keeps = weights.layout().model().task() instanceof Task.Pretraining;
    Attention attention = new Attention(weights.device(), keeps);
    return IntStream.range(0, size.depth())
        .mapToObj(i -> of(weights, prefix + i, size, attention))
        .toList();
  }

  private static Block of(Weights weights, String name, Transformer size, Attention attention) {
    return new Block(
        weights.norm(name + ".layernorm_before"),
        weights.dense(name + ".attention.attention." + Weights.FUSED),
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
   *
   * @param factors drop path: what each clip's attention and MLP are multiplied by, {@code [batch,
   *     1, branches]}; null for ones
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

  /** Layer norm over the last axis, biased variance, always in fp32 (arXiv 1607.06450). */
  record Norm(Tensor weight, Tensor bias) {
    Tensor apply(Tensor x) {
      return torch.layer_norm(
          x,
          new long[] {weight.size(0)},
          new TensorOptional(weight),
          new TensorOptional(bias),
          ModelSpec.LAYER_NORM_EPSILON,
          true);
    }
  }

  /**
   * {@code y = x · weightᵀ + bias}: {@code [batch, rows, in] → [batch, rows, count]}.
   *
   * <p>Where {@link Gemm#dense} says so the product is oneDNN's and the derivative is written here;
   * else both are LibTorch's.
   *
   * @param weight {@code [out, in]}, fp32
   * @param bias {@code [out]}, or null
   * @param from first output that is computed
   */
  record Dense(Tensor weight, Tensor bias, long from, long count, Gemm gemm) {

    Dense outputs(long from, long count) {
      return new Dense(weight, bias, from, count, gemm);
    }

    /** The same in fp32, whatever the other layers' products are in. */
    Dense wide() {
      Gemm fp32 = new Gemm(ScalarType.Float, gemm.dense(), gemm.others());
      return new Dense(weight, bias, from, count, fp32);
    }

    Tensor apply(Tensor x, Tape tape) {
      if (!gemm.dense()) {
        return autograd(x);
      }
      Tensor y = Scope.untracked(() -> value(x));
      return tape.recording() ? tape.splice(y, g -> backward(x, g), x) : y;
    }

    /** {@code stream + y}, fp32; the stream has the shape of y. */
    Tensor addTo(Tensor stream, Tensor x, Tape tape) {
      if (!gemm.dense()) {
        return stream.add(autograd(x));
      }
      Tensor sum = Scope.untracked(() -> value(x).add_(stream));
      if (!tape.recording()) {
        return sum;
      }
      return tape.splice(
          sum,
          g -> {
            backward(x, g);
            Tape.backward(stream, g); // last: from here on the gradient is the stream's to change
          },
          x,
          stream);
    }

    private Tensor autograd(Tensor x) {
      TensorOptional shift =
          bias == null ? new TensorOptional() : new TensorOptional(gemm.cast(part(bias)));
      return torch.linear(gemm.cast(x), gemm.cast(part(weight)), shift);
    }

    private Tensor value(Tensor x) {
      return Gemm.oneDnn(x, part(weight), bias == null ? null : part(bias));
    }

    /** dW = gᵀ · x, db = sum of g, dx = g · W. */
    private void backward(Tensor x, Tensor gradient) {
      Tensor rows = gradient.flatten(0, 1); // [batch · rows, count]
      addProduct(rows.t(), x.flatten(0, 1));
      if (bias != null) {
        addTo(bias, rows.sum(0));
      }
      if (x.requires_grad()) {
        Tape.backward(x, Gemm.oneDnn(gradient, part(weight).t(), null));
      }
    }

    private void addTo(Tensor leaf, Tensor gradient) {
      if (isFirst(leaf)) {
        leaf.mutable_grad().put(gradient);
      } else {
        part(gradientOf(leaf)).add_(gradient);
      }
    }

    /** Whether a leaf has no gradient yet and gets all of it from here. */
    private boolean isFirst(Tensor leaf) {
      return count == leaf.size(0) && !leaf.grad().defined();
    }

    private void addProduct(Tensor a, Tensor b) {
      if (isFirst(weight)) {
        weight.mutable_grad().put(gemm.multiply(a, b));
      } else {
        gemm.add(part(gradientOf(weight)), a, b);
      }
    }

    private static Tensor gradientOf(Tensor leaf) {
      if (!leaf.grad().defined()) {
        leaf.mutable_grad().put(torch.zeros_like(leaf));
      }
      return leaf.grad();
    }

    private Tensor part(Tensor all) {
      return count == weight.size(0) ? all : all.narrow(0, from, count);
    }
  }
}
