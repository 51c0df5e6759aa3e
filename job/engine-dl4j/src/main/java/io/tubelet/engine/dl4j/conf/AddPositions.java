package io.tubelet.engine.dl4j.conf;

import io.tubelet.engine.dl4j.layer.AddPositionsVertex;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/** Configuration of {@link AddPositionsVertex}. */
public final class AddPositions extends NetworkVertex {
  @JsonProperty("tokens")
  private final int tokens;

  @JsonProperty("dim")
  private final int dim;

  /**
   * @param tokens tokens of a whole clip
   * @param dim width of a token
   */
  public AddPositions(@JsonProperty("tokens") int tokens, @JsonProperty("dim") int dim) {
    this.tokens = tokens;
    this.dim = dim;
  }

  @Override
  public GraphVertex instantiate(
      ComputationGraph graph,
      String name,
      int index,
      INDArray flat,
      boolean initializeParams,
      DataType type) {
    return new AddPositionsVertex(graph, name, index, type, tokens, dim);
  }

  @Override
  public AddPositions clone() {
    return new AddPositions(tokens, dim);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof AddPositions that && tokens == that.tokens && dim == that.dim;
  }

  @Override
  public int hashCode() {
    return 31 * tokens + dim;
  }
}
