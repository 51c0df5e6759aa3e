package io.tubelet.engine.dl4j.layer;

import io.tubelet.engine.dl4j.arithmetic.Positions;
import io.tubelet.model.PositionTable;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Adds each token's fixed position: {@code [batch, count, dim]} and the token indices {@code
 * [batch, rows]}, of which the first {@code count} belong to the tokens. Tokens beyond the rows,
 * which the decoder's input has where some are left out, end here.
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

  /** As many tokens as there are rows, a view. */
  private INDArray first(INDArray tokens) {
    return tokens.get(
        NDArrayIndex.all(), NDArrayIndex.interval(0, inputs[1].size(1)), NDArrayIndex.all());
  }

  @Override
  public INDArray doForward(boolean training, LayerWorkspaceMgr workspaces) {
    INDArray in = inputs[0];
    if (in.size(1) > inputs[1].size(1)) {
      in = Memory.output(workspaces, dataType).copy(first(in));
    }
    INDArray tokens = Memory.output(workspaces, dataType).create(in.shape());
    Positions.add(in, inputs[1], table, tokens);
    return tokens;
  }

  @Override
  public Pair<Gradient, INDArray[]> doBackward(boolean tbptt, LayerWorkspaceMgr workspaces) {
    Memory memory = Memory.epsilon(workspaces, dataType);
    boolean whole = epsilon.size(1) == inputs[0].size(1);
    INDArray dx = whole ? memory.copy(epsilon) : memory.zero(inputs[0].shape());
    if (!whole) {
      first(dx).assign(epsilon);
    }
    return new Pair<>(null, new INDArray[] {dx, null});
  }
}
