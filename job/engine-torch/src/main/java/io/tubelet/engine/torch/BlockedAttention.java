package io.tubelet.engine.torch;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Attention for long sequences on a processor, with its own derivative.
 *
 * <p>LibTorch's tiled kernel multiplies small tiles and computes the scores again in the backward
 * pass: five products there instead of four. Here a block of query rows meets all keys at once, so
 * that BLAS sees large products, the softmax works on scores that are still in cache, and the
 * probabilities are kept. The arithmetic of a head is {@link AttentionHead}'s.
 *
 * <p>Its buffers are used again by the next call and live until {@link #close}.
 */
final class BlockedAttention implements AutoCloseable {
  /** Query rows of a block, per thread: with fewer, threads wait for each other too often. */
  private static final int ROWS = 392;

  private final int rows;
  private final Products products;
  private final Buffers buffers = new Buffers();

  BlockedAttention(int threads, Products products) {
    this.rows = ROWS * threads;
    this.products = products;
  }

  /** As {@link Attention#apply}. */
  Tensor apply(List<Tensor> inputs, int heads, Tape tape) {
    Heads split = Heads.of(inputs.stream().map(Tensor::detach).toList(), heads);
    long clips = split.query().size(0);
    long queries = split.query().size(1);
    long kept = tape.isRecording() ? clips * heads : 1;
    Tensor probabilities = take(split, kept, queries);
    Tensor scores = take(split, 1, rows);
    Tensor out = torch.empty(split.query().sizes(), split.query().options(), null);
    forEachHead(
        split,
        (clip, head) ->
            AttentionHead.of(
                    split.of(clip, head),
                    probabilities.select(0, (clip * heads + head) % kept),
                    scores.select(0, 0),
                    products)
                .forward(Heads.of(out, clip, head)));
    buffers.giveBack(scores);
    Tensor flat = out.flatten(2, 3); // [batch, queries, dim]
    if (tape.isRecording()) {
      Tensor[] held = inputs.toArray(Tensor[]::new);
      return tape.splice(flat, g -> backward(inputs, heads, probabilities, g), held);
    }
    buffers.giveBack(probabilities);
    return flat;
  }

  private void backward(List<Tensor> inputs, int heads, Tensor probabilities, Tensor gradient) {
    List<Tensor> values = inputs.stream().map(Tensor::detach).toList();
    List<Tensor> gradients = values.stream().map(torch::empty_like).toList();
    Heads split = Heads.of(values, heads);
    Heads into = Heads.of(gradients, heads);
    Tensor out = gradient.unflatten(2, heads, -1);
    Tensor scores = take(split, 1, rows);
    forEachHead(
        split,
        (clip, head) ->
            AttentionHead.of(
                    split.of(clip, head),
                    probabilities.select(0, clip * heads + head),
                    scores.select(0, 0),
                    products)
                .backward(Heads.of(out, clip, head), into.of(clip, head)));
    buffers.giveBack(scores);
    buffers.giveBack(probabilities);
    for (int i = 0; i < inputs.size(); i++) {
      Tape.backward(inputs.get(i), gradients.get(i));
    }
  }

  /** What is done with one head of one clip. */
  private interface Visitor {
    void visit(long clip, long head);
  }

  private static void forEachHead(Heads split, Visitor visitor) {
    long heads = split.query().size(2);
    for (long i = 0; i < split.query().size(0) * heads; i++) {
      long clip = i / heads;
      long head = i % heads;
      Scope.run(() -> visitor.visit(clip, head));
    }
  }

  private Tensor take(Heads split, long count, long rows) {
    ScalarType type = Site.type(split.query());
    return buffers.take(type, count, rows, split.key().size(1));
  }

  @Override
  public void close() {
    buffers.close();
  }
}
