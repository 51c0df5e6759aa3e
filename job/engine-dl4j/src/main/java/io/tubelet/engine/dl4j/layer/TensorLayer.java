package io.tubelet.engine.dl4j.layer;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A {@link Differentiable} as DL4J runs it, on row-major views into the network's flat vectors. */
public final class TensorLayer extends BaseLayer<NetworkLayer> {
  private final transient Differentiable function;
  private transient INDArray factors;

  /** On the layer's stretch of the parameter vector, as DL4J cuts it out. */
  TensorLayer(NeuralNetConfiguration conf, DataType type, INDArray flat, NetworkLayer layer) {
    super(conf, type);
    setParamsViewArray(flat);
    setParamTable(layer.init(conf, flat, false));
    function = layer.function(this);
  }

  INDArray value(String name) {
    return params.get(name);
  }

  /** Where the derivative of the loss by the tensor is written. */
  INDArray gradient(String name) {
    return gradientViews.get(name);
  }

  /** Multiplies by factors in the passes that follow, which become the layer's; null: by ones. */
  public void scale(INDArray factors) {
    if (this.factors != null) {
      this.factors.close();
    }
    this.factors = factors == null ? null : factors.castTo(dataType);
    function.scale(this.factors);
  }

  @Override
  @SuppressWarnings("try") // the workspace is held, not used
  public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
    if (!training) {
      return workspaces.leverageTo(ArrayType.ACTIVATIONS, function.forward(input));
    }
    try (MemoryWorkspace kept = workspaces.notifyScopeBorrowed(ArrayType.ACTIVATIONS)) {
      return function.forward(input);
    }
  }

  /**
   * DL4J takes gradients from the flat view; it splits the names in this map at their last
   * underscore, which Hugging Face's names have too, so that the layer gives it one name for all.
   */
  @Override
  public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
    INDArray dx = function.backward(epsilon);
    Gradient gradient = new DefaultGradient();
    gradient.setGradientFor("gradient", gradientsFlattened);
    return new Pair<>(
        gradient, dx == null ? null : workspaces.leverageTo(ArrayType.ACTIVATION_GRAD, dx));
  }

  /** DL4J would take the vector for column-major tensors. */
  @Override
  public void setParams(INDArray flat) {
    if (flat != paramsFlattened) {
      paramsFlattened.assign(flat);
    }
  }

  /** Weight decay is no part of the loss. */
  @Override
  public double calcRegularizationScore(boolean backpropParamsOnly) {
    return 0;
  }

  @Override
  public boolean isPretrainLayer() {
    return false;
  }
}
