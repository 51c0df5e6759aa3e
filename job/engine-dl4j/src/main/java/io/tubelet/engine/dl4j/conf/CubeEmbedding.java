package io.tubelet.engine.dl4j.conf;

import io.tubelet.engine.dl4j.layer.CubeEmbeddingLayer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/** Configuration of {@link CubeEmbeddingLayer}. */
public final class CubeEmbedding extends NetworkLayer {
  /** Kernel and bias of the embedding. */
  public CubeEmbedding(@JsonProperty("parameters") LayerParameters parameters) {
    super(parameters);
  }

  @Override
  org.deeplearning4j.nn.api.Layer layer(NeuralNetConfiguration conf, DataType type, INDArray flat) {
    return new CubeEmbeddingLayer(conf, type, flat);
  }
}
