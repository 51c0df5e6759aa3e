package io.tubelet.engine.dl4j.conf;

import io.tubelet.engine.dl4j.arithmetic.PixelError;
import io.tubelet.engine.dl4j.layer.ReconstructionOutputLayer;
import io.tubelet.model.Task.PixelLoss;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/** Configuration of {@link ReconstructionOutputLayer}. */
public final class ReconstructionOutput extends NetworkLayer {
  @JsonProperty("normalisedTarget")
  private final boolean normalisedTarget;

  @JsonProperty("loss")
  private final PixelLoss loss;

  @JsonProperty("from")
  private final int from;

  @JsonProperty("count")
  private final int count;

  /**
   * @param normalisedTarget whether the loss compares with normalised pixels
   * @param loss what an error costs; none in a file of an older version, which knew only one
   * @param from first of a cube's values that are compared
   * @param count how many are; 0 in a file of an older version: all
   */
  public ReconstructionOutput(
      @JsonProperty("parameters") LayerParameters parameters,
      @JsonProperty("normalisedTarget") boolean normalisedTarget,
      @JsonProperty("loss") PixelLoss loss,
      @JsonProperty("from") int from,
      @JsonProperty("count") int count) {
    super(parameters);
    this.normalisedTarget = normalisedTarget;
    this.loss = loss == null ? PixelLoss.MSE : loss;
    this.from = from;
    this.count = count;
  }

  @Override
  org.deeplearning4j.nn.api.Layer layer(NeuralNetConfiguration conf, DataType type, INDArray flat) {
    return new ReconstructionOutputLayer(
        conf, type, flat, new PixelError(normalisedTarget, loss, from, count));
  }
}
