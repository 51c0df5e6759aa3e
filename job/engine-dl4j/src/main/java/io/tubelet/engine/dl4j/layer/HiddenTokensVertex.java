package io.tubelet.engine.dl4j.layer;

import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Keeps the hidden tokens: {@code [batch, tokens, dim]} and the visible cubes {@code [batch,
 * visible, cubeValues]} → the last {@code hidden = tokens − visible} tokens.
 */
@SuppressWarnings("overrides") // of setInputs, within DL4J
public final class HiddenTokensVertex extends TokenVertex {
  /** Called by the configuration. */
  public HiddenTokensVertex(ComputationGraph graph, String name, int index, DataType type) {
    super(graph, name, index, type);
  }

  private INDArray hidden(INDArray all) {
    return all.get(
        NDArrayIndex.all(),
        NDArrayIndex.interval(inputs[1].size(1), all.size(1)),
        NDArrayIndex.all());
  }

  @Override
  public INDArray doForward(boolean training, LayerWorkspaceMgr workspaces) {
    return Memory.output(workspaces, dataType).copy(hidden(inputs[0]));
  }

  @Override
  public Pair<Gradient, INDArray[]> doBackward(boolean tbptt, LayerWorkspaceMgr workspaces) {
    INDArray dx = Memory.epsilon(workspaces, dataType).zero(inputs[0].shape());
    hidden(dx).assign(epsilon);
    return new Pair<>(null, new INDArray[] {dx, null});
  }
}
