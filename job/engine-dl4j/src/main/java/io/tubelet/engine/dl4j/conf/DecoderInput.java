package io.tubelet.engine.dl4j.conf;

import io.tubelet.engine.dl4j.layer.DecoderInputLayer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/** Configuration of {@link DecoderInputLayer}. */
public final class DecoderInput extends NetworkLayer {
  @JsonProperty("tokens")
  private final long tokens;

  /**
   * @param tokens tokens of a whole clip
   */
  public DecoderInput(
      @JsonProperty("parameters") LayerParameters parameters, @JsonProperty("tokens") long tokens) {
    super(parameters);
    this.tokens = tokens;
  }

  @Override
  org.deeplearning4j.nn.api.Layer layer(NeuralNetConfiguration conf, DataType type, INDArray flat) {
    return new DecoderInputLayer(conf, type, flat, tokens);
  }
}
