package io.tubelet.engine.dl4j.layer;

import java.util.Map;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.AbstractLayer;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A DL4J layer whose tensors are row-major views into the network's flat vectors. */
public abstract class ParameterLayer
    extends AbstractLayer<org.deeplearning4j.nn.conf.layers.Layer> {

  private Views values;
  private transient Views gradients;

  /**
   * @param flat the layer's stretch of the parameter vector, as DL4J cuts it out
   */
  ParameterLayer(NeuralNetConfiguration conf, DataType type, INDArray flat) {
    super(conf, type);
    values = new Views(flat, conf.getLayer().initializer().init(conf, flat, false));
  }

  final Views values() {
    return values;
  }

  final Views gradients() {
    return gradients;
  }

  /**
   * What a backward pass returns. DL4J takes gradients from the flat view; it splits the names in
   * this map at their last underscore, which Hugging Face's names have too, so that the layer gives
   * it a single name for all.
   */
  final Pair<Gradient, INDArray> result(INDArray epsilon) {
    Gradient gradient = new DefaultGradient();
    gradient.setGradientFor("gradient", gradients.flat());
    return new Pair<>(gradient, epsilon);
  }

  @Override
  public final void setBackpropGradientsViewArray(INDArray flat) {
    Map<String, INDArray> table =
        conf.getLayer().initializer().getGradientsFromFlattened(conf, flat);
    gradients = new Views(flat, table);
  }

  @Override
  public final INDArray getGradientsViewArray() {
    return gradients == null ? null : gradients.flat();
  }

  @Override
  public final INDArray params() {
    return values.flat();
  }

  @Override
  public final long numParams() {
    return values.flat().length();
  }

  @Override
  public final INDArray getParam(String name) {
    return values.get(name);
  }

  @Override
  public final void setParam(String name, INDArray value) {
    values.get(name).assign(value);
  }

  @Override
  public final void setParams(INDArray flat) {
    if (flat != values.flat()) {
      values.flat().assign(flat);
    }
  }

  @Override
  public final Map<String, INDArray> paramTable(boolean backpropParamsOnly) {
    return values.table();
  }

  @Override
  public boolean isPretrainLayer() {
    return false;
  }

  @Override
  public void clearNoiseWeightParams() {}
}
