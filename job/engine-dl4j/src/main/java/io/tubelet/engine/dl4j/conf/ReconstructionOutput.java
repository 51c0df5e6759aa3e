package io.tubelet.engine.dl4j.conf;

import io.tubelet.engine.dl4j.layer.ReconstructionOutputLayer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/** Configuration of {@link ReconstructionOutputLayer}. */
public final class ReconstructionOutput extends NetworkLayer {
  @JsonProperty("normalisedTarget")
  private final boolean normalisedTarget;

  /**
   * @param normalisedTarget whether the loss compares with normalised pixels
   */
  public ReconstructionOutput(
      @JsonProperty("parameters") LayerParameters parameters,
      @JsonProperty("normalisedTarget") boolean normalisedTarget) {
    super(parameters);
    this.normalisedTarget = normalisedTarget;
  }

  @Override
  org.deeplearning4j.nn.api.Layer layer(NeuralNetConfiguration conf, DataType type, INDArray flat) {
    return new ReconstructionOutputLayer(conf, type, flat, normalisedTarget);
  }
}
