package io.tubelet.engine.dl4j.conf;

import io.tubelet.engine.dl4j.layer.TransformerBlockLayer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/** Configuration of {@link TransformerBlockLayer}. */
public final class TransformerBlock extends NetworkLayer {
  @JsonProperty("prefix")
  private final String prefix;

  @JsonProperty("heads")
  private final int heads;

  /**
   * @param prefix what the names of the tensors begin with
   * @param heads attention heads
   */
  public TransformerBlock(
      @JsonProperty("parameters") LayerParameters parameters,
      @JsonProperty("prefix") String prefix,
      @JsonProperty("heads") int heads) {
    super(parameters);
    this.prefix = prefix;
    this.heads = heads;
  }

  @Override
  org.deeplearning4j.nn.api.Layer layer(NeuralNetConfiguration conf, DataType type, INDArray flat) {
    return new TransformerBlockLayer(conf, type, flat, prefix, heads);
  }
}
