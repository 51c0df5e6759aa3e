package io.tubelet.engine.dl4j.layer;

import io.tubelet.model.Transformer;
import java.util.Objects;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.memory.MemoryReport;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.impl.SubsetVertex;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.shape.Gather;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * A vertex without parameters on tokens {@code [batch, count, dim]} and one of the graph's inputs:
 *
 * <ul>
 *   <li>With a table it adds each token's fixed position. The second input are token indices {@code
 *       [batch, rows]}, of which the first {@code count} belong to the tokens; tokens beyond the
 *       rows, which the decoder's input has where it is not asked for all, end here.
 *   <li>Without one it keeps the last {@code count − visible} tokens. The second input are the
 *       visible cubes {@code [batch, visible, cubeValues]}.
 * </ul>
 */
public final class TokenVertex extends GraphVertex {
  @JsonProperty("tokens")
  private final int tokens;

  @JsonProperty("dim")
  private final int dim;

  /** For all tokens of a clip and their width; for 0 tokens, it keeps the hidden ones. */
  public TokenVertex(@JsonProperty("tokens") int tokens, @JsonProperty("dim") int dim) {
    this.tokens = tokens;
    this.dim = dim;
  }

  /** What DL4J runs: a subset along another axis than that of its own vertex. */
  @SuppressWarnings("overrides") // of setInputs, within DL4J
  private static final class Run extends SubsetVertex {
    private final transient INDArray table; // [tokens, dim]; null: keep the hidden tokens

    Run(ComputationGraph graph, String name, int index, DataType type, INDArray table) {
      super(graph, name, index, 0, 0, type);
      this.table = table;
    }

    /** The tokens of {@code [batch, count, dim]} that are kept, a view. */
    private INDArray kept(INDArray all) {
      long own = inputs[1].size(1);
      return table == null
          ? Differentiable.slice(all, own, all.size(1))
          : Differentiable.slice(all, 0, Math.min(own, all.size(1)));
    }

    @Override
    public INDArray doForward(boolean training, LayerWorkspaceMgr workspaces) {
      INDArray tokens = kept(inputs[0]);
      if (table == null) {
        return workspaces.dup(ArrayType.ACTIVATIONS, tokens, 'c');
      }
      INDArray order =
          inputs[1].get(NDArrayIndex.all(), NDArrayIndex.interval(0, tokens.size(1))).dup('c');
      INDArray y = Nd4j.exec(new Gather(table, order, 0))[0].addi(tokens);
      return workspaces.leverageTo(ArrayType.ACTIVATIONS, y);
    }

    @Override
    public Pair<Gradient, INDArray[]> doBackward(boolean tbptt, LayerWorkspaceMgr workspaces) {
      INDArray dx = workspaces.create(ArrayType.ACTIVATION_GRAD, dataType, inputs[0].shape(), 'c');
      kept(dx).assign(epsilon);
      return new Pair<>(null, new INDArray[] {dx, null});
    }
  }

  @Override
  public org.deeplearning4j.nn.graph.vertex.GraphVertex instantiate(
      ComputationGraph graph,
      String name,
      int index,
      INDArray flat,
      boolean initializeParams,
      DataType type) {
    INDArray table =
        tokens == 0
            ? null
            : Nd4j.createFromArray(Transformer.positions(tokens, dim))
                .castTo(type)
                .reshape('c', tokens, dim);
    return new Run(graph, name, index, type, table);
  }

  @Override
  public TokenVertex clone() {
    return new TokenVertex(tokens, dim);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TokenVertex that && tokens == that.tokens && dim == that.dim;
  }

  @Override
  public int hashCode() {
    return Objects.hash(tokens, dim);
  }

  @Override
  public long numParams(boolean backprop) {
    return 0;
  }

  @Override
  public int minVertexInputs() {
    return 2;
  }

  @Override
  public int maxVertexInputs() {
    return 2;
  }

  /** DL4J has no type for tokens. */
  @Override
  public InputType getOutputType(int layerIndex, InputType... vertexInputs) {
    throw new UnsupportedOperationException("no InputType describes tokens");
  }

  @Override
  public MemoryReport getMemoryReport(InputType... inputTypes) {
    throw new UnsupportedOperationException("no InputType describes tokens");
  }
}
