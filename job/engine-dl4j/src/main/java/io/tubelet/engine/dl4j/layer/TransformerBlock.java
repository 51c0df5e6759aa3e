package io.tubelet.engine.dl4j.layer;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.reduce3.Dot;
import org.nd4j.linalg.api.ops.impl.transforms.custom.SoftMax;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Erf;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Exp;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A pre-norm transformer block, {@code [batch, tokens, dim]} → the same:
 *
 * <pre>
 * y = x + f · projection(attention(norm(x)))
 * z = y + g · contract(gelu(expand(norm(y))))
 * </pre>
 *
 * where f and g are a clip's factors, 1 unless {@link #scale} says otherwise (stochastic depth).
 */
final class TransformerBlock implements Differentiable {
  private final Norm before;
  private final Attention attention;
  private final Dense projection;
  private final Norm after;
  private final Dense expand;
  private final Gelu gelu = new Gelu();
  private final Dense contract;
  private INDArray factors; // [2, batch], null for ones

  TransformerBlock(TensorLayer tensors, String name, int heads) {
    before = new Norm(tensors, name + ".layernorm_before");
    attention = new Attention(tensors, name + ".attention.attention.", heads);
    projection = new Dense(tensors, name + ".attention.output.dense");
    after = new Norm(tensors, name + ".layernorm_after");
    expand = new Dense(tensors, name + ".intermediate.dense");
    contract = new Dense(tensors, name + ".output.dense");
  }

  @Override
  public void scale(INDArray factors) {
    this.factors = factors;
  }

  /** Multiplies each clip's rows {@code [batch · tokens, dim]} by its factor, in place. */
  private INDArray scaled(INDArray rows, int branch) {
    if (factors != null) {
      rows.reshape('c', factors.size(1), rows.length() / factors.size(1))
          .muliColumnVector(factors.getRow(branch));
    }
    return rows;
  }

  @Override
  public INDArray forward(INDArray x) {
    INDArray rows = Differentiable.rows(x);
    INDArray mixed = attention.forward(Differentiable.like(x, before.forward(rows)));
    INDArray middle = scaled(projection.forward(mixed), 0).addi(rows);
    INDArray hidden = gelu.forward(expand.forward(after.forward(middle)));
    return Differentiable.like(x, scaled(contract.forward(hidden), 1).addi(middle));
  }

  @Override
  public INDArray backward(INDArray dy) {
    INDArray rows = Differentiable.rows(dy);
    INDArray hidden = gelu.backward(contract.backward(branch(rows, 1)));
    INDArray middle = after.backward(expand.backward(hidden)).addi(rows);
    INDArray mixed = attention.backward(projection.backward(branch(middle, 0)));
    return Differentiable.like(dy, before.backward(mixed).addi(middle));
  }

  private INDArray branch(INDArray rows, int branch) {
    return factors == null ? rows : scaled(rows.dup('c'), branch);
  }

  /**
   * Scaled dot-product attention (arXiv 1706.03762, section 3.2); head i owns the columns {@code i
   * · headDim …} of queries, keys and values.
   *
   * <pre>
   * p = softmax(q·kᵀ / √headDim)        context = p·v
   * dscores = p · (dp − Σ p·dp)
   * </pre>
   *
   * <p>Heads are strided views, which the matrix product reads and writes without a copy. A bias of
   * the keys would cancel in the softmax.
   */
  private static final class Attention {
    private final Dense query;
    private final Dense key;
    private final Dense value;
    private final int heads;
    private long batch;
    private INDArray q; // [batch, heads, tokens, headDim]
    private INDArray k;
    private INDArray v;
    private INDArray p; // [batch, heads, tokens, tokens]

    Attention(TensorLayer tensors, String name, int heads) {
      query = new Dense(tensors, name + "query.weight", name + "q_bias");
      key = new Dense(tensors, name + "key.weight", null);
      value = new Dense(tensors, name + "value.weight", name + "v_bias");
      this.heads = heads;
    }

    /** {@code [batch · tokens, dim]} → {@code [batch, heads, tokens, headDim]}, a view. */
    private INDArray split(INDArray rows) {
      long tokens = rows.size(0) / batch;
      return rows.reshape('c', batch, tokens, heads, rows.size(1) / heads).permute(0, 2, 1, 3);
    }

    private double scale() {
      return 1 / Math.sqrt((double) q.size(3));
    }

    private static INDArray empty(INDArray like, long... shape) {
      return Nd4j.createUninitialized(like.dataType(), shape, 'c');
    }

    /** {@code [batch, tokens, dim]} → context {@code [batch · tokens, dim]}. */
    INDArray forward(INDArray x) {
      batch = x.size(0);
      INDArray rows = Differentiable.rows(x);
      q = split(query.forward(rows));
      k = split(key.forward(rows));
      v = split(value.forward(rows));
      p = empty(x, batch, heads, x.size(1), x.size(1));
      Differentiable.product(q, false, k, true, scale(), p);
      Nd4j.exec(new SoftMax(p, p, 3));
      INDArray context = empty(x, rows.shape());
      Differentiable.product(p, false, v, false, 1, split(context));
      return context;
    }

    /** {@code [batch · tokens, dim]} → the same. */
    INDArray backward(INDArray context) {
      INDArray outer = split(context);
      INDArray dv = empty(context, context.shape());
      Differentiable.product(p, true, outer, false, 1, split(dv));
      INDArray scores = empty(context, p.shape());
      Differentiable.product(outer, false, v, true, 1, scores);
      softmaxBackward(scores);
      INDArray dq = empty(context, context.shape());
      Differentiable.product(scores, false, k, false, scale(), split(dq));
      INDArray dk = empty(context, context.shape());
      Differentiable.product(scores, true, q, false, scale(), split(dk));
      return query.backward(dq).addi(key.backward(dk)).addi(value.backward(dv));
    }

    /** The derivative by the probabilities becomes that by the scores. */
    private void softmaxBackward(INDArray d) {
      long tokens = p.size(3);
      INDArray rows = d.reshape('c', p.length() / tokens, tokens);
      INDArray probabilities = p.reshape('c', rows.shape());
      rows.subiColumnVector(Nd4j.exec(new Dot(probabilities, rows, 1))).muli(probabilities);
    }
  }

  /**
   * The exact GELU (arXiv 1606.08415), with Φ and φ the normal distribution and its density:
   *
   * <pre>
   * gelu(x) = x·Φ(x)        gelu'(x) = Φ(x) + x·φ(x)        Φ(x) = (1 + erf(x / √2)) / 2
   * </pre>
   */
  private static final class Gelu {
    private INDArray x;
    private INDArray cumulative; // Φ(x)

    INDArray forward(INDArray x) {
      this.x = x;
      cumulative = x.mul(Math.sqrt(0.5));
      Nd4j.exec(new Erf(cumulative, cumulative));
      cumulative.muli(0.5).addi(0.5);
      return x.mul(cumulative);
    }

    INDArray backward(INDArray dy) {
      INDArray density = x.mul(x).muli(-0.5);
      Nd4j.exec(new Exp(density, density));
      density.muli(1 / Math.sqrt(2 * Math.PI));
      return density.muli(x).addi(cumulative).muli(dy);
    }
  }
}
