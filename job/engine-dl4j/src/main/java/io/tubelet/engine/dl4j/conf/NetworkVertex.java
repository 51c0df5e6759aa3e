package io.tubelet.engine.dl4j.conf;

import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.memory.MemoryReport;

/** What our vertices have in common: two inputs, no parameters. */
abstract class NetworkVertex extends GraphVertex {

  @Override
  public final long numParams(boolean backprop) {
    return 0;
  }

  @Override
  public final int minVertexInputs() {
    return 2;
  }

  @Override
  public final int maxVertexInputs() {
    return 2;
  }

  /** DL4J has no type for tokens. */
  @Override
  public final InputType getOutputType(int layerIndex, InputType... vertexInputs) {
    throw new UnsupportedOperationException("no InputType describes tokens");
  }

  @Override
  public final MemoryReport getMemoryReport(InputType... inputTypes) {
    throw new UnsupportedOperationException("no InputType describes tokens");
  }
}
