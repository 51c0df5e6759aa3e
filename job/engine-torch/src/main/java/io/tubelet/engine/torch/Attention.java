package io.tubelet.engine.torch;

import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * {@code softmax(q · kᵀ / √headDim) · v} for each head (arXiv 1706.03762, section 3.2), by
 * LibTorch's fused kernel (flash, cuDNN or memory-efficient on a card). A processor takes long
 * sequences in blocks, with a derivative of its own, and short ones in bf16, which its fused kernel
 * has no product for, as one product of all heads.
 *
 * <p>LibTorch's tiled kernel multiplies small tiles and computes the scores again in the backward
 * pass: five products there instead of four. Here a block of query rows meets all keys at once, so
 * that BLAS sees large products and the softmax works on scores that are still in cache. A decoder
 * keeps the probabilities; an encoder of whole clips, whose heads are many, computes them again.
 *
 * @param keeps whether probabilities wait for the backward pass
 */
record Attention(TorchDevice device, boolean keeps) {
  /** Keys from which blocks beat the fused kernel on a processor. */
  private static final long LONG = 512;

  /** Query rows of a block, per thread: with fewer, threads wait for each other too often. */
  private static final int ROWS = 392;

  /** {@code [batch, queries, dim]}, of products as {@link Heads#of} takes them. */
  Tensor apply(List<Tensor> products, int heads, Tape tape) {
    long keys = products.get(products.size() - 1).size(1);
    if (keys >= LONG && !device.isCuda()) {
      return blocked(products, heads, tape);
    }
    boolean hasKernel = device.isCuda() || device.gemm().type() == ScalarType.Float;
    return hasKernel ? fused(products, heads) : batched(products, heads);
  }

  /** By LibTorch's kernel, whose derivative autograd knows. */
  static Tensor fused(List<Tensor> products, int heads) {
    Heads split = Heads.of(products, heads);
    return together(
        torch.scaled_dot_product_attention(
            across(split.query), across(split.key), across(split.value)));
  }

  /** Probabilities of all heads at once, which autograd keeps; softmax computes in fp32. */
  static Tensor batched(List<Tensor> products, int heads) {
    Heads split = Heads.of(products, heads);
    Tensor query = across(split.query.mul(new Scalar(split.scale())));
    Tensor score = query.matmul(across(split.key).transpose(2, 3));
    return together(torch.softmax(score, 3).matmul(across(split.value)));
  }

  /** {@code [batch, rows, heads, headDim] → [batch, heads, rows, headDim]}. */
  private static Tensor across(Tensor part) {
    return part.transpose(1, 2);
  }

  /** {@code [batch, heads, rows, headDim] → [batch, rows, dim]}. */
  private static Tensor together(Tensor out) {
    return across(out).flatten(2, 3);
  }

  Tensor blocked(List<Tensor> products, int heads, Tape tape) {
    return Scope.untracked(() -> inBlocks(products, heads, tape));
  }

  private Tensor inBlocks(List<Tensor> products, int heads, Tape tape) {
    Heads split = Heads.of(products, heads);
    long clips = split.query.size(0);
    long places = keeps && tape.recording() ? clips * heads : 1;
    Tensor probabilities = empty(split, places, split.query.size(1));
    Tensor out = torch.empty(split.query.sizes(), split.query.options(), null);
    Scope.run(
        () -> {
          Tensor room = room(split);
          for (long i = 0; i < clips * heads; i++) {
            long index = i;
            Scope.run(
                () ->
                    head(split, index, probabilities.select(0, index % places), room)
                        .forward(Heads.one(out, index)));
          }
        });
    Tensor flat = out.flatten(2, 3); // [batch, queries, dim]
    if (!tape.recording()) {
      return flat;
    }
    Tensor kept = keeps ? probabilities : null;
    Pointer[] held =
        Stream.concat(products.stream(), Stream.ofNullable(kept)).toArray(Pointer[]::new);
    return tape.splice(flat, g -> backward(products, heads, kept, g), held);
  }

  /** {@code kept}: probabilities, or null to compute them again. */
  private void backward(List<Tensor> products, int heads, Tensor kept, Tensor gradient) {
    List<Tensor> gradients = products.stream().map(torch::empty_like).toList();
    Heads split = Heads.of(products, heads);
    Heads into = Heads.of(gradients, heads);
    Tensor out = gradient.unflatten(2, heads, -1);
    Tensor room = room(split);
    Tensor probabilities = kept == null ? empty(split, 1, split.query.size(1)) : kept;
    for (long i = 0; i < split.query.size(0) * heads; i++) {
      long index = i;
      Scope.run(
          () ->
              head(split, index, probabilities.select(0, index % probabilities.size(0)), room)
                  .backward(Heads.one(out, index), into.one(index), kept == null));
    }
    for (int i = 0; i < products.size(); i++) {
      Tape.backward(products.get(i), gradients.get(i));
    }
  }

  /** For the scores of a block. */
  private Tensor room(Heads split) {
    return empty(split, (long) ROWS * device.placement().threads());
  }

  /** {@code [shape, keys]} with arbitrary values. */
  private static Tensor empty(Heads split, long... shape) {
    long[] all = Arrays.copyOf(shape, shape.length + 1);
    all[shape.length] = split.key.size(1);
    return torch.empty(all, split.query.options(), null);
  }

  /** One head of one clip, with queries that are scaled already, and all rows one by one. */
  private Head head(Heads split, long index, Tensor probabilities, Tensor room) {
    Heads in = split.one(index);
    Tensor query = in.query.mul(new Scalar(in.scale()));
    Heads rows = new Heads(query, in.key.contiguous(), in.value.contiguous());
    return new Head(rows, probabilities, room, device.gemm());
  }

  /**
   * Queries, keys and values as views of the products that made them, {@code [batch, rows, heads,
   * headDim]} each. Queries may have fewer rows than keys and values.
   */
  private record Heads(Tensor query, Tensor key, Tensor value) {

    /**
     * Splits one product {@code [batch, rows, 3 · dim]}, or two, {@code [batch, queries, dim]} and
     * {@code [batch, rows, 2 · dim]}.
     */
    static Heads of(List<Tensor> products, int heads) {
      Tensor last = products.get(products.size() - 1);
      if (products.size() == 1) {
        TensorVector all = parts(last, 3, heads);
        return new Heads(all.get(0), all.get(1), all.get(2));
      }
      TensorVector some = parts(last, 2, heads);
      return new Heads(parts(products.get(0), 1, heads).get(0), some.get(0), some.get(1));
    }

    /** All in one call: its derivative writes all parts' gradients in one pass. */
    private static TensorVector parts(Tensor product, int parts, int heads) {
      long headDim = product.size(2) / parts / heads;
      return product.view(product.size(0), product.size(1), parts, heads, headDim).unbind(2);
    }

    /** What scores are multiplied by: {@code 1/√headDim}. */
    double scale() {
      return 1 / Math.sqrt((double) key.size(-1));
    }

    /** One head of one clip, counted through all clips: {@code [rows, headDim]} each. */
    Heads one(long index) {
      return new Heads(one(query, index), one(key, index), one(value, index));
    }

    /** {@code [batch, rows, heads, headDim] → [rows, headDim]}. */
    static Tensor one(Tensor tensor, long index) {
      return tensor.select(0, index / tensor.size(2)).select(1, index % tensor.size(2));
    }
  }

  /**
   * Attention of one head of one clip, block of query rows by block.
   *
   * <pre>
   * P = softmax(s · Q·Kᵀ)   O = P·V                           s = 1/√headDim
   * dV = Pᵀ·dO   dS = P ∘ (dP − rowsum(dP ∘ P)), dP = dO·Vᵀ   dQ = s · dS·K   dK = s · dSᵀ·Q
   * </pre>
   *
   * @param in scaled queries {@code [queries, headDim]}, keys and values {@code [keys, headDim]}
   * @param probabilities {@code [queries, keys]}: P, written by {@link #forward}
   * @param room {@code [rows, keys]} to work in; its rows are the block's
   */
  private record Head(Heads in, Tensor probabilities, Tensor room, Gemm gemm) {

    /** Writes {@code out [queries, headDim]}. */
    void forward(Tensor out) {
      forEachBlock(
          (from, rows) -> gemm.put(out.narrow(0, from, rows), probabilities(from, rows), in.value));
    }

    /** Computes those of a block of rows. */
    private Tensor probabilities(long from, long rows) {
      Tensor query = in.query.narrow(0, from, rows);
      Tensor score = gemm.multiply(query, in.key.t(), room.narrow(0, 0, rows));
      return torch.softmax_out(probabilities.narrow(0, from, rows), score, 1);
    }

    /** Writes the gradients by queries, keys and values, given that by the output. */
    void backward(Tensor gradient, Heads into, boolean again) {
      into.key.zero_();
      into.value.zero_();
      forEachBlock(
          (from, rows) -> {
            Tensor query = in.query.narrow(0, from, rows);
            Tensor probability =
                again ? probabilities(from, rows) : probabilities.narrow(0, from, rows);
            Tensor out = gradient.narrow(0, from, rows);
            Tensor score = gemm.multiply(out, in.value.t(), room.narrow(0, 0, rows));
            softmaxBackward(score, probability); // reads the probabilities in order, into cache
            gemm.add(into.value, probability.t(), out);
            gemm.put(into.query.narrow(0, from, rows), score, in.key);
            gemm.add(into.key, score.t(), query);
          });
      into.query.mul_(new Scalar(in.scale()));
    }

    /** Visits the rows of queries, {@code (from, count)} of each block. */
    private void forEachBlock(BiConsumer<Long, Long> visitor) {
      long queries = in.query.size(0);
      long block = room.size(0);
      for (long from = 0; from < queries; from += block) {
        long start = from;
        Scope.run(() -> visitor.accept(start, Math.min(block, queries - start)));
      }
    }

    private static void softmaxBackward(Tensor gradient, Tensor probability) {
      Natives.call(
          "_softmax_backward_data",
          "out",
          new IValue(gradient),
          new IValue(probability),
          new IValue(1L),
          new IValue(probability.scalar_type()),
          new IValue(gradient));
    }
  }
}
