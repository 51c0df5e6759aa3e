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
 * @param room {@code [rows, keys]} to work in; its rows are the block's
 * @param products who multiplies
 */
record AttentionHead(Heads in, Tensor probabilities, Tensor room, Products products) {

  /** With queries that are scaled already, and everything in rows that lie one by one. */
  static AttentionHead of(Heads in, Tensor probabilities, Tensor room, Products products) {
    Tensor query = in.query().mul(new Scalar(scale(in)));
    Heads rows = new Heads(query, in.key().contiguous(), in.value().contiguous());
    return new AttentionHead(rows, probabilities, room, products);
  }

  private static double scale(Heads in) {
    return 1 / Math.sqrt((double) in.key().size(1));
  }

  /** Writes {@code out [queries, headDim]}. */
  void forward(Tensor out) {
    forEachBlock(
        (from, rows) -> {
          Tensor query = in.query().narrow(0, from, rows);
          Tensor probability = probabilities.narrow(0, from, rows);
          Tensor score = products.multiply(query, in.key().t(), room.narrow(0, 0, rows));
          torch.softmax_out(probability, score, 1);
          products.put(out.narrow(0, from, rows), probability, in.value());
        });
  }

  /** Writes the gradients by queries, keys and values, given that by the output. */
  void backward(Tensor gradient, Heads into) {
    into.key().zero_();
    into.value().zero_();
    forEachBlock(
        (from, rows) -> {
          Tensor query = in.query().narrow(0, from, rows);
          Tensor probability = probabilities.narrow(0, from, rows);
          Tensor out = gradient.narrow(0, from, rows);
          Tensor score = products.multiply(out, in.value().t(), room.narrow(0, 0, rows));
          softmaxBackward(score, probability); // reads the probabilities in order, into cache
          products.add(into.value(), probability.t(), out);
          products.put(into.query().narrow(0, from, rows), score, in.key());
          products.add(into.key(), score.t(), query);
        });
    into.query().mul_(new Scalar(scale(in)));
  }

  /** What is done with some rows of queries. */
  private interface Visitor {
    void visit(long from, long rows);
  }

  private void forEachBlock(Visitor visitor) {
    long queries = in.query().size(0);
    long block = room.size(0);
    for (long from = 0; from < queries; from += block) {
      long start = from;
      Scope.run(() -> visitor.visit(start, Math.min(block, queries - start)));
    }
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
