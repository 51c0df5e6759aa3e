package io.tubelet.engine.dl4j.conf;

import io.tubelet.engine.dl4j.layer.HiddenTokensVertex;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Configuration of {@link HiddenTokensVertex}. */
public final class HiddenTokens extends NetworkVertex {

  @Override
  public GraphVertex instantiate(
      ComputationGraph graph,
      String name,
      int index,
      INDArray flat,
      boolean initializeParams,
      DataType type) {
    return new HiddenTokensVertex(graph, name, index, type);
  }

  @Override
  public HiddenTokens clone() {
    return new HiddenTokens();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof HiddenTokens;
  }

  @Override
  public int hashCode() {
    return HiddenTokens.class.hashCode();
  }
}
