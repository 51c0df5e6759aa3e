package io.tubelet.engine.dl4j;

import io.tubelet.model.Parameter;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.training.TrainState;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.updater.UpdaterBlock;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Moves a {@link TrainState} into and out of any graph that {@link VideoMaeGraph} built, one of
 * dl4j-spark's too: weights, Adam's moments, iteration count.
 *
 * <p>DL4J keeps one flat parameter vector, tensors in the layout's order, and one flat updater
 * state: for each run of tensors with equal update rules (a block) all first moments, then all
 * second moments.
 */
public final class GraphState {
  private GraphState() {}

  /**
   * Replaces the graph's state. The arrays are copied.
   *
   * @return the graph
   * @throws IllegalArgumentException if the state belongs to another network
   */
  public static ComputationGraph load(ComputationGraph graph, TrainState state) {
    ParameterLayout layout = state.weights().layout();
    requireSameTensors(graph, layout);
    INDArray params = flat(graph.params());
    long at = 0;
    for (int i = 0; i < layout.parameters().size(); i++) {
      write(params, at, state.weights().get(i));
      at += layout.parameters().get(i).size();
    }
    forEachMoment(
        graph,
        (moments, name, first, second) -> {
          write(moments, first, state.firstMoment().get(name));
          write(moments, second, state.secondMoment().get(name));
        });
    graph.getConfiguration().setIterationCount(Math.toIntExact(state.step()));
    return graph;
  }

  /**
   * Copies the graph's state.
   *
   * @param layout the graph's tensors
   * @throws IllegalArgumentException if the graph has other tensors
   */
  public static TrainState read(ComputationGraph graph, ParameterLayout layout) {
    requireSameTensors(graph, layout);
    Parameters first = Parameters.zero(layout);
    Parameters second = Parameters.zero(layout);
    forEachMoment(
        graph,
        (moments, name, firstAt, secondAt) -> {
          read(moments, firstAt, first.get(name));
          read(moments, secondAt, second.get(name));
        });
    return new TrainState(
        graph.getIterationCount(), parameters(graph.params(), layout), first, second);
  }

  /** The tensors of a flat vector, of weights or of gradients. */
  static Parameters parameters(INDArray vector, ParameterLayout layout) {
    INDArray values = flat(vector);
    Parameters parameters = Parameters.zero(layout);
    long at = 0;
    for (int i = 0; i < layout.parameters().size(); i++) {
      read(values, at, parameters.get(i));
      at += layout.parameters().get(i).size();
    }
    return parameters;
  }

  /** All values of an array, row-major. */
  static float[] values(INDArray array) {
    try (INDArray copy = array.dup('c')) {
      return copy.data().asFloat();
    }
  }

  private static INDArray flat(INDArray vector) {
    return vector.reshape(vector.length());
  }

  private static void read(INDArray vector, long at, float[] to) {
    float[] values = values(vector.get(NDArrayIndex.interval(at, at + to.length)));
    System.arraycopy(values, 0, to, 0, to.length);
  }

  private static void write(INDArray vector, long at, float[] from) {
    try (INDArray values = Nd4j.createFromArray(from)) {
      vector.get(NDArrayIndex.interval(at, at + from.length)).assign(values);
    }
  }

  private interface Moment {
    void accept(INDArray moments, String name, long first, long second);
  }

  private static void forEachMoment(ComputationGraph graph, Moment moment) {
    INDArray state = graph.getUpdater().getStateViewArray();
    if (state == null) {
      return; // plain gradient descent has none
    }
    for (UpdaterBlock block : graph.getUpdater().getUpdaterBlocks()) {
      int length = block.getParamOffsetEnd() - block.getParamOffsetStart();
      for (UpdaterBlock.ParamState tensor : block.getLayersAndVariablesInBlock()) {
        long first =
            (long) block.getUpdaterViewOffsetStart()
                + tensor.getParamOffsetStart()
                - block.getParamOffsetStart();
        moment.accept(flat(state), tensor.getParamName(), first, first + length);
      }
    }
  }

  private static void requireSameTensors(ComputationGraph graph, ParameterLayout layout) {
    List<String> expected = layout.parameters().stream().map(Parameter::name).toList();
    List<String> found = new ArrayList<>();
    for (int index : graph.topologicalSortOrder()) {
      GraphVertex vertex = graph.getVertices()[index];
      found.addAll(vertex.paramTable(false).keySet());
    }
    if (!found.equals(expected) || graph.numParams() != layout.count()) {
      throw new IllegalArgumentException(
          "the state of %s (%d values) does not fit a graph of %d tensors (%d values)"
              .formatted(layout.model(), layout.count(), found.size(), graph.numParams()));
    }
  }
}
