package io.tubelet.engine.dl4j.layer;

import io.tubelet.engine.dl4j.arithmetic.Affine;
import io.tubelet.engine.dl4j.arithmetic.Attention;
import io.tubelet.engine.dl4j.arithmetic.Gelu;
import io.tubelet.engine.dl4j.arithmetic.Norm;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * A pre-norm transformer block, {@code [batch, tokens, dim]} → the same:
 *
 * <pre>
 * y = x + f · projection(attention(norm(x)))
 * z = y + g · contract(gelu(expand(norm(y))))
 * </pre>
 *
 * where f and g are a clip's factors, 1 unless {@link #scale} says otherwise.
 */
public final class TransformerBlockLayer extends ParameterLayer {
  private final String name;
  private final int heads;
  private final Tensors weights;
  private transient Saved saved;
  private transient Factors factors = Factors.ONES;

  /**
   * Called by the configuration.
   *
   * @param name what the tensors' names begin with
   * @param heads attention heads
   */
  public TransformerBlockLayer(
      NeuralNetConfiguration conf, DataType type, INDArray flat, String name, int heads) {
    super(conf, type, flat);
    this.name = name;
    this.heads = heads;
    this.weights = Tensors.of(values(), name);
  }

  /** The block's tensors, values or gradients; {@code packed} is {@code [3 · dim, dim]}. */
  private record Tensors(
      Norm before,
      INDArray packed,
      INDArray queryBias,
      INDArray valueBias,
      Affine projection,
      Norm after,
      Affine expand,
      Affine contract) {

    static Tensors of(Views views, String name) {
      String attention = name + ".attention.attention.";
      long dim = views.get(attention + "q_bias").length();
      return new Tensors(
          views.norm(name + ".layernorm_before"),
          views.adjacent(attention + "query.weight", 3 * dim, dim),
          views.get(attention + "q_bias"),
          views.get(attention + "v_bias"),
          views.affine(name + ".attention.output.dense"),
          views.norm(name + ".layernorm_after"),
          views.affine(name + ".intermediate.dense"),
          views.affine(name + ".output.dense"));
    }

    long dim() {
      return queryBias.length();
    }

    long mlpDim() {
      return expand.bias().length();
    }
  }

  /** What the backward pass needs, each {@code [batch · tokens, …]} but the probabilities. */
  private record Saved(
      INDArray before, // [rows, dim]
      INDArray packed, // [rows, 3 · dim]
      INDArray probabilities, // [batch, heads, tokens, tokens]
      INDArray context, // [rows, dim]
      INDArray middle, // [rows, dim]
      INDArray after, // [rows, dim]
      INDArray slope, // [rows, mlpDim], gelu'
      INDArray hidden) { // [rows, mlpDim]

    static Saved create(Memory memory, Tensors weights, Attention attention) {
      long rows = (long) attention.batch() * attention.tokens();
      long dim = weights.dim();
      return new Saved(
          memory.create(rows, dim),
          memory.create(rows, 3 * dim),
          memory.create(
              attention.batch(), attention.heads(), attention.tokens(), attention.tokens()),
          memory.create(rows, dim),
          memory.create(rows, dim),
          memory.create(rows, dim),
          memory.create(rows, weights.mlpDim()),
          memory.create(rows, weights.mlpDim()));
    }
  }

  /**
   * Multiplies each clip's branches in the passes that follow.
   *
   * @param factors {@code [batch][branches]}; null for ones
   */
  public void scale(float[][] factors) {
    this.factors = factors == null ? Factors.ONES : new Factors(factors);
  }

  private Attention attention() {
    return new Attention(
        Math.toIntExact(input.size(0)),
        Math.toIntExact(input.size(1)),
        heads,
        Math.toIntExact(weights.dim() / heads));
  }

  private static INDArray rows(INDArray tokens) {
    return tokens.reshape('c', tokens.size(0) * tokens.size(1), tokens.size(2));
  }

  @Override
  public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
    Memory memory = Memory.forward(workspaces, training, dataType);
    saved = Saved.create(memory, weights, attention());
    INDArray x = rows(input);
    weights.before.forward(x, saved.before);
    Nd4j.matmul(saved.before, weights.packed, saved.packed, false, true, false);
    saved.packed.addiRowVector(packedBias(memory));
    attention().forward(saved.packed, saved.probabilities, saved.context);
    weights.projection.forward(saved.context, saved.middle);
    factors.scale(saved.middle, 0);
    saved.middle.addi(x);

    weights.after.forward(saved.middle, saved.after);
    weights.expand.forward(saved.after, saved.slope);
    Gelu.forward(saved.slope, saved.hidden);
    INDArray tokens = Memory.output(workspaces, dataType).create(input.shape());
    weights.contract.forward(saved.hidden, rows(tokens));
    factors.scale(rows(tokens), 1);
    rows(tokens).addi(saved.middle);
    return tokens;
  }

  /** {@code [query bias ; 0 ; value bias]}: a key bias would cancel in the softmax. */
  private INDArray packedBias(Memory memory) {
    INDArray bias = memory.zero(3 * weights.dim());
    part(bias, 0).assign(weights.queryBias);
    part(bias, 2).assign(weights.valueBias);
    return bias;
  }

  private INDArray part(INDArray packedBias, int index) {
    long dim = weights.dim();
    return packedBias.get(NDArrayIndex.interval(index * dim, (index + 1) * dim));
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
    Memory memory = Memory.backward(workspaces, dataType);
    INDArray middle = memory.copy(rows(epsilon));
    Tensors slopes = Tensors.of(gradients(), name);
    mlpBackward(middle, slopes, memory);
    INDArray dx = Memory.epsilon(workspaces, dataType).copy(middle.reshape('c', input.shape()));
    attentionBackward(middle, rows(dx), slopes, memory);
    return result(dx);
  }

  /** {@code d}: derivative by the block's output, becomes that by {@code y}. */
  private void mlpBackward(INDArray d, Tensors slopes, Memory memory) {
    INDArray branch = factors.scaled(d, 1, memory);
    Affine.gradient(saved.hidden, branch, slopes.contract);
    INDArray hidden = memory.create(saved.hidden.shape());
    weights.contract.backward(branch, hidden);
    hidden.muli(saved.slope);
    Affine.gradient(saved.after, hidden, slopes.expand);
    INDArray after = memory.create(saved.after.shape());
    weights.expand.backward(hidden, after);
    weights.after.backward(saved.middle, after, slopes.after, d);
  }

  /** {@code d}: derivative by {@code y}; adds to {@code dx}, that by the block's input. */
  private void attentionBackward(INDArray d, INDArray dx, Tensors slopes, Memory memory) {
    INDArray branch = factors.scaled(d, 0, memory);
    Affine.gradient(saved.context, branch, slopes.projection);
    INDArray context = memory.create(saved.context.shape());
    weights.projection.backward(branch, context);
    INDArray packed = memory.create(saved.packed.shape());
    INDArray scores = memory.create(saved.probabilities.shape());
    attention().backward(saved.packed, saved.probabilities, context, scores, packed);
    INDArray bias = memory.create(3 * weights.dim());
    Affine.gradient(saved.before, packed, new Affine(slopes.packed, bias));
    slopes.queryBias.assign(part(bias, 0));
    slopes.valueBias.assign(part(bias, 2));
    INDArray before = memory.create(saved.before.shape());
    Nd4j.matmul(packed, weights.packed, before, false, false, false);
    weights.before.backward(rows(input), before, slopes.before, dx);
  }

  @Override
  public void clear() {
    super.clear();
    saved = null;
  }
}
