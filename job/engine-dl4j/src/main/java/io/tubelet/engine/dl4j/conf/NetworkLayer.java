package io.tubelet.engine.dl4j.conf;

import java.util.Collection;
import java.util.List;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.linalg.learning.regularization.WeightDecay;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/** What the configurations of our layers have in common; DL4J wants a subclass of its own class. */
public abstract class NetworkLayer extends Layer {
  @JsonProperty("parameters")
  private final LayerParameters parameters;

  NetworkLayer(LayerParameters parameters) {
    this.parameters = parameters;
  }

  /** The layer on its stretch of the flat vector. */
  abstract org.deeplearning4j.nn.api.Layer layer(
      NeuralNetConfiguration conf, DataType type, INDArray flat);

  @Override
  public final org.deeplearning4j.nn.api.Layer instantiate(
      NeuralNetConfiguration conf,
      Collection<TrainingListener> listeners,
      int layerIndex,
      INDArray flat,
      boolean initializeParams,
      DataType type) {
    org.deeplearning4j.nn.api.Layer layer = layer(conf, type, flat);
    layer.setListeners(listeners);
    layer.setIndex(layerIndex);
    return layer;
  }

  @Override
  public final ParamInitializer initializer() {
    return new RowMajorViews(parameters);
  }

  @Override
  public final IUpdater getUpdaterByParam(String name) {
    return parameters.updater();
  }

  /** Decoupled decay, {@code w ← w − rate·decay·w}; set here since DL4J doubles a global one. */
  @Override
  public final List<Regularization> getRegularizationByParam(String name) {
    return parameters.decayed(name) && parameters.weightDecay() != 0
        ? List.of(new WeightDecay(parameters.weightDecay(), true))
        : List.of();
  }

  @Override
  public final boolean isPretrainParam(String name) {
    return false;
  }

  @Override
  public final GradientNormalization getGradientNormalization() {
    return GradientNormalization.None;
  }

  @Override
  public final double getGradientNormalizationThreshold() {
    return 0;
  }

  @Override
  public final void setNIn(InputType inputType, boolean override) {}

  @Override
  public final InputPreProcessor getPreProcessorForInputType(InputType inputType) {
    return null;
  }

  /** DL4J has no type for tokens. */
  @Override
  public final InputType getOutputType(int layerIndex, InputType inputType) {
    throw new UnsupportedOperationException("no InputType describes tokens");
  }

  @Override
  public final LayerMemoryReport getMemoryReport(InputType inputType) {
    throw new UnsupportedOperationException("no InputType describes tokens");
  }
}
