package io.tubelet.engine.dl4j.layer;

import io.tubelet.engine.dl4j.arithmetic.Positions;
import io.tubelet.model.PositionTable;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Adds each token's fixed position: {@code [batch, count, dim]} and the token indices {@code
 * [batch, tokens]}, of which the first {@code count} belong to the rows.
 */
@SuppressWarnings("overrides") // of setInputs, within DL4J
public final class AddPositionsVertex extends TokenVertex {
  private final transient float[] table; // [tokens, dim]

  /**
   * Called by the configuration.
   *
   * @param tokens tokens of a whole clip
   * @param dim width of a token
   */
  public AddPositionsVertex(
      ComputationGraph graph, String name, int index, DataType type, int tokens, int dim) {
    super(graph, name, index, type);
    this.table = PositionTable.sinusoid(tokens, dim);
  }

  @Override
  public INDArray doForward(boolean training, LayerWorkspaceMgr workspaces) {
    INDArray tokens = Memory.output(workspaces, dataType).create(inputs[0].shape());
    Positions.add(inputs[0], inputs[1], table, tokens);
    return tokens;
  }

  @Override
  public Pair<Gradient, INDArray[]> doBackward(boolean tbptt, LayerWorkspaceMgr workspaces) {
    INDArray dx = Memory.epsilon(workspaces, dataType).copy(epsilon);
    return new Pair<>(null, new INDArray[] {dx, null});
  }
}
