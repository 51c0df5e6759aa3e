package io.tubelet.engine.dl4j.layer;

import io.tubelet.model.Parameter;
import java.io.Serializable;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.common.util.ArrayUtil;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.regularization.WeightDecay;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * What DL4J stores, sends to executors and builds a layer from: JSON and Java serialisation. The
 * layer's tensors lie row-major, one behind the other, in its stretch of the flat vector; their
 * first values come from a {@link io.tubelet.model.Parameters}.
 */
public final class NetworkLayer extends BaseLayer implements ParamInitializer {
  /** What the layer computes; the number of a block is its heads, of mask tokens a clip's. */
  public enum Kind {
    EMBEDDING,
    BLOCK,
    NORM,
    DENSE,
    LINEAR, // dense, without a bias
    MASK_TOKENS,
    LOSS
  }

  /** One tensor, by its full name, which is its DL4J parameter key; sizes are row-major. */
  public record Tensor(String name, long[] shape, boolean decayed) implements Serializable {
    private static Tensor of(Parameter parameter) {
      long[] shape = parameter.shape().stream().mapToLong(Integer::longValue).toArray();
      return new Tensor(parameter.name(), shape, parameter.decayed());
    }

    private long length() {
      return ArrayUtil.prodLong(shape);
    }
  }

  /**
   * What the layer is; its tensors are in the order of the flat vector. Without an error it has
   * cross-entropy for a loss, or none.
   */
  public record Spec(Kind kind, String prefix, int number, PixelError error, List<Tensor> tensors)
      implements Serializable {

    public static Spec of(Kind kind, String prefix, int number, List<Parameter> parameters) {
      return new Spec(kind, prefix, number, null, parameters.stream().map(Tensor::of).toList());
    }
  }

  @JsonProperty("spec")
  private final Spec spec;

  public NetworkLayer(@JsonProperty("spec") Spec spec) {
    this.spec = spec;
  }

  /**
   * How the tensors are updated. All share the learning rate: its layer-wise factor depends on the
   * layer alone. Decay is decoupled, {@code w ← w − rate·decay·w}, and set here, since DL4J doubles
   * a network's.
   */
  public NetworkLayer updatedBy(IUpdater updater, double weightDecay) {
    setIUpdater(updater);
    setRegularization(weightDecay == 0 ? List.of() : List.of(new WeightDecay(weightDecay, true)));
    setRegularizationBias(List.of());
    return this;
  }

  Differentiable function(TensorLayer tensors) {
    return switch (spec.kind) {
      case EMBEDDING -> new Differentiable.CubeEmbedding(tensors, spec.prefix);
      case BLOCK -> new TransformerBlock(tensors, spec.prefix, spec.number);
      case NORM -> new Differentiable.Norm(tensors, spec.prefix);
      case DENSE -> new Differentiable.Dense(tensors, spec.prefix);
      case LINEAR -> new Differentiable.Dense(tensors, spec.prefix + ".weight", null);
      case MASK_TOKENS -> new Differentiable.MaskTokens(tensors, spec.prefix, spec.number);
      case LOSS -> throw new IllegalStateException("a loss is no function of tokens alone");
    };
  }

  @Override
  public org.deeplearning4j.nn.api.Layer instantiate(
      NeuralNetConfiguration conf,
      Collection<TrainingListener> listeners,
      int layerIndex,
      INDArray flat,
      boolean initializeParams,
      DataType type) {
    org.deeplearning4j.nn.api.Layer layer =
        spec.kind == Kind.LOSS
            ? new LossOutput(conf, type, spec.error)
            : new TensorLayer(conf, type, flat, this);
    layer.setListeners(listeners);
    layer.setIndex(layerIndex);
    return layer;
  }

  @Override
  public ParamInitializer initializer() {
    return this;
  }

  @Override
  public Map<String, INDArray> init(
      NeuralNetConfiguration conf, INDArray flat, boolean initializeParams) {
    paramKeys(this).forEach(conf::addVariable);
    return getGradientsFromFlattened(conf, flat);
  }

  @Override
  public Map<String, INDArray> getGradientsFromFlattened(
      NeuralNetConfiguration conf, INDArray flat) {
    Map<String, INDArray> views = new LinkedHashMap<>();
    long from = 0;
    for (Tensor tensor : spec.tensors) {
      INDArray stretch = flat.get(NDArrayIndex.interval(from, from + tensor.length()));
      views.put(tensor.name(), stretch.reshape('c', tensor.shape()));
      from += tensor.length();
    }
    return views;
  }

  @Override
  public long numParams(NeuralNetConfiguration conf) {
    return numParams(this);
  }

  @Override
  public long numParams(Layer layer) {
    return spec.tensors.stream().mapToLong(Tensor::length).sum();
  }

  @Override
  public List<String> paramKeys(Layer layer) {
    return spec.tensors.stream().map(Tensor::name).toList();
  }

  @Override
  public List<String> weightKeys(Layer layer) {
    return spec.tensors.stream().filter(Tensor::decayed).map(Tensor::name).toList();
  }

  @Override
  public List<String> biasKeys(Layer layer) {
    return spec.tensors.stream().filter(tensor -> !tensor.decayed()).map(Tensor::name).toList();
  }

  @Override
  public boolean isWeightParam(Layer layer, String key) {
    return weightKeys(layer).contains(key);
  }

  @Override
  public boolean isBiasParam(Layer layer, String key) {
    return !isWeightParam(layer, key);
  }

  @Override
  public boolean isPretrainParam(String name) {
    return false;
  }

  @Override
  public void setNIn(InputType inputType, boolean override) {}

  @Override
  public InputPreProcessor getPreProcessorForInputType(InputType inputType) {
    return null;
  }

  /** DL4J has no type for tokens. */
  @Override
  public InputType getOutputType(int layerIndex, InputType inputType) {
    throw new UnsupportedOperationException("no InputType describes tokens");
  }

  @Override
  public LayerMemoryReport getMemoryReport(InputType inputType) {
    throw new UnsupportedOperationException("no InputType describes tokens");
  }
}
