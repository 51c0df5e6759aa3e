package io.tubelet.engine.dl4j.layer;

import io.tubelet.engine.dl4j.arithmetic.Norm;
import io.tubelet.engine.dl4j.arithmetic.Sums;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * From the encoder to the decoder: {@code [batch, visible, dim]} → {@code [batch, tokens,
 * decoderDim]}, the projected visible tokens and, behind them, the mask token for every hidden one.
 */
public final class DecoderInputLayer extends ParameterLayer {
  private static final String NORM = "videomae.layernorm";
  private static final String PROJECTION = "encoder_to_decoder.weight"; // [decoderDim, dim]
  private static final String MASK_TOKEN = "mask_token"; // [1, 1, decoderDim]

  private final long tokens;
  private transient INDArray normalised; // [batch · visible, dim]

  /**
   * Called by the configuration.
   *
   * @param tokens tokens of a whole clip
   */
  public DecoderInputLayer(NeuralNetConfiguration conf, DataType type, INDArray flat, long tokens) {
    super(conf, type, flat);
    this.tokens = tokens;
  }

  private long decoderDim() {
    return values().get(MASK_TOKEN).length();
  }

  /** Applies the encoder's final norm to tokens {@code [batch, visible, dim]}, in place. */
  public void normalise(INDArray tokens) {
    values().norm(NORM).forward(tokens, tokens);
  }

  private INDArray inputRows() {
    return input.reshape('c', input.size(0) * input.size(1), input.size(2));
  }

  /** Tokens {@code from … to} of {@code [batch, tokens, decoderDim]}, a view. */
  private static INDArray slice(INDArray all, long from, long to) {
    return all.get(NDArrayIndex.all(), NDArrayIndex.interval(from, to), NDArrayIndex.all());
  }

  @Override
  public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
    Memory memory = Memory.forward(workspaces, training, dataType);
    long batch = input.size(0);
    long visible = input.size(1);
    normalised = memory.create(batch * visible, input.size(2));
    values().norm(NORM).forward(inputRows(), normalised);
    INDArray projected = memory.create(batch * visible, decoderDim());
    Nd4j.matmul(normalised, values().get(PROJECTION), projected, false, true, false);

    INDArray all = Memory.output(workspaces, dataType).zero(batch, tokens, decoderDim());
    all.reshape('c', batch * tokens, decoderDim())
        .addiRowVector(values().get(MASK_TOKEN).reshape(decoderDim()));
    slice(all, 0, visible).assign(projected.reshape('c', batch, visible, decoderDim()));
    return all;
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
    Memory memory = Memory.backward(workspaces, dataType);
    INDArray hidden = memory.copy(slice(epsilon, input.size(1), tokens));
    Sums.overRows(hidden, gradients().get(MASK_TOKEN).reshape(decoderDim()));
    INDArray projected =
        memory
            .copy(slice(epsilon, 0, input.size(1)))
            .reshape('c', normalised.size(0), decoderDim());
    Nd4j.matmul(projected, normalised, gradients().get(PROJECTION), true, false, false);
    INDArray d = memory.create(normalised.shape());
    Nd4j.matmul(projected, values().get(PROJECTION), d, false, false, false);
    INDArray dx = Memory.epsilon(workspaces, dataType).zero(input.shape());
    Norm gradient = gradients().norm(NORM);
    values().norm(NORM).backward(inputRows(), d, gradient, dx.reshape('c', d.shape()));
    return result(dx);
  }

  @Override
  public void clear() {
    super.clear();
    normalised = null;
  }
}
