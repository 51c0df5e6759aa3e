package io.tubelet.engine.dl4j.conf;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Cuts a layer's stretch of the flat vector into row-major tensors. It draws no first values: those
 * come from a {@link io.tubelet.model.Parameters}.
 */
final class RowMajorViews implements ParamInitializer {
  private final LayerParameters parameters;

  RowMajorViews(LayerParameters parameters) {
    this.parameters = parameters;
  }

  @Override
  public Map<String, INDArray> init(
      NeuralNetConfiguration conf, INDArray flat, boolean initializeParams) {
    parameters.names().forEach(conf::addVariable);
    return cut(flat);
  }

  @Override
  public Map<String, INDArray> getGradientsFromFlattened(
      NeuralNetConfiguration conf, INDArray flat) {
    return cut(flat);
  }

  private Map<String, INDArray> cut(INDArray flat) {
    Map<String, INDArray> views = new LinkedHashMap<>();
    long from = 0;
    for (LayerTensor tensor : parameters.tensors()) {
      INDArray stretch = flat.get(NDArrayIndex.interval(from, from + tensor.length()));
      views.put(tensor.name(), stretch.reshape('c', tensor.sizes()));
      from += tensor.length();
    }
    return views;
  }

  @Override
  public long numParams(NeuralNetConfiguration conf) {
    return parameters.length();
  }

  @Override
  public long numParams(Layer layer) {
    return parameters.length();
  }

  @Override
  public List<String> paramKeys(Layer layer) {
    return parameters.names();
  }

  @Override
  public List<String> weightKeys(Layer layer) {
    return parameters.names().stream().filter(parameters::decayed).toList();
  }

  @Override
  public List<String> biasKeys(Layer layer) {
    return parameters.names().stream().filter(name -> !parameters.decayed(name)).toList();
  }

  @Override
  public boolean isWeightParam(Layer layer, String key) {
    return parameters.decayed(key);
  }

  @Override
  public boolean isBiasParam(Layer layer, String key) {
    return !parameters.decayed(key);
  }
}
