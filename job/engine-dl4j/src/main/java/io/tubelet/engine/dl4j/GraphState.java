package io.tubelet.engine.dl4j;

import io.tubelet.engine.dl4j.arithmetic.Values;
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
   * @throws IllegalArgumentException if the state belongs to another network
   */
  public static void load(ComputationGraph graph, TrainState state) {
    ParameterLayout layout = state.weights().layout();
    requireSameTensors(graph, layout);
    Values params = Values.of(graph.params());
    long at = 0;
    for (int i = 0; i < layout.parameters().size(); i++) {
      params.write(at, state.weights().get(i));
      at += layout.parameters().get(i).size();
    }
    forEachMoment(
        graph,
        (states, name, first, second) -> {
          states.write(first, state.firstMoment().get(name));
          states.write(second, state.secondMoment().get(name));
        });
    graph.getConfiguration().setIterationCount(Math.toIntExact(state.step()));
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
        (states, name, firstAt, secondAt) -> {
          states.read(firstAt, first.get(name));
          states.read(secondAt, second.get(name));
        });
    return new TrainState(
        graph.getIterationCount(), parameters(graph.params(), layout), first, second);
  }

  /** The tensors of a flat vector, of weights or of gradients. */
  static Parameters parameters(INDArray flat, ParameterLayout layout) {
    Values values = Values.of(flat);
    Parameters parameters = Parameters.zero(layout);
    long at = 0;
    for (int i = 0; i < layout.parameters().size(); i++) {
      values.read(at, parameters.get(i));
      at += layout.parameters().get(i).size();
    }
    return parameters;
  }

  private interface Moment {
    void accept(Values states, String name, long first, long second);
  }

  private static void forEachMoment(ComputationGraph graph, Moment moment) {
    INDArray state = graph.getUpdater().getStateViewArray();
    if (state == null) {
      return; // plain gradient descent has none
    }
    Values states = Values.of(state);
    for (UpdaterBlock block : graph.getUpdater().getUpdaterBlocks()) {
      int length = block.getParamOffsetEnd() - block.getParamOffsetStart();
      for (UpdaterBlock.ParamState tensor : block.getLayersAndVariablesInBlock()) {
        long first =
            (long) block.getUpdaterViewOffsetStart()
                + tensor.getParamOffsetStart()
                - block.getParamOffsetStart();
        moment.accept(states, tensor.getParamName(), first, first + length);
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
