package io.tubelet.engine.torch;

import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Attention of one head of one clip, block of query rows by block.
 *
 * <pre>
 * P = softmax(s · Q·Kᵀ)   O = P·V                           s = 1/√headDim
 * dV = Pᵀ·dO   dS = P ∘ (dP − rowsum(dP ∘ P)), dP = dO·Vᵀ   dQ = s · dS·K   dK = s · dSᵀ·Q
 * </pre>
 *
 * @param in queries {@code [queries, headDim]}, keys and values {@code [keys, headDim]}
 * @param probabilities {@code [queries, keys]}: P, written by {@link #forward}
 * @param scores {@code [rows, keys]} to work in; its rows are the block's
 */
record AttentionHead(Heads in, Tensor probabilities, Tensor scores) {

  /** Writes {@code out [queries, headDim]}. */
  void forward(Tensor out) {
    long queries = out.size(0);
    long block = scores.size(0);
    for (long from = 0; from < queries; from += block) {
      long rows = Math.min(block, queries - from);
      Tensor score = scores.narrow(0, 0, rows);
      Tensor probability = probabilities.narrow(0, from, rows);
      product(score, in.query().narrow(0, from, rows), in.key().t(), scale(), false);
      torch.softmax_out(probability, score, 1);
      torch.mm_out(out.narrow(0, from, rows), probability, in.value());
    }
  }

  /** Writes the gradients by queries, keys and values, given that by the output. */
  void backward(Tensor gradient, Heads into) {
    long queries = gradient.size(0);
    long block = scores.size(0);
    for (long from = 0; from < queries; from += block) {
      long rows = Math.min(block, queries - from);
      Tensor score = scores.narrow(0, 0, rows);
      Tensor probability = probabilities.narrow(0, from, rows);
      Tensor out = gradient.narrow(0, from, rows);
      torch.mm_out(score, out, in.value().t());
      softmaxBackward(score, probability); // reads the probabilities in order, into cache
      product(into.value(), probability.t(), out, 1, from > 0);
      product(into.query().narrow(0, from, rows), score, in.key(), scale(), false);
      product(into.key(), score.t(), in.query().narrow(0, from, rows), scale(), from > 0);
    }
  }

  private double scale() {
    return 1 / Math.sqrt((double) in.key().size(1));
  }

  /** {@code out = factor · a · b}, or that added to {@code out}. */
  private static void product(Tensor out, Tensor a, Tensor b, double factor, boolean add) {
    torch.addmm_out(out, out, a, b, new Scalar(add ? 1.0 : 0.0), new Scalar(factor));
  }

  /** Turns dP into dS in place. */
  private static void softmaxBackward(Tensor gradient, Tensor probability) {
    Boxed.call(
        "_softmax_backward_data",
        "out",
        new IValue(gradient),
        new IValue(probability),
        new IValue(1L),
        new IValue(probability.scalar_type()),
        new IValue(gradient));
  }
}
