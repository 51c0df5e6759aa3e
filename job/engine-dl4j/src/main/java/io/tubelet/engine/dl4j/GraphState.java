package io.tubelet.engine.dl4j;

import io.tubelet.model.Parameter;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.train.TrainState;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;
import org.deeplearning4j.nn.graph.ComputationGraph;
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

  /** Where a tensor begins in the parameters and gradients, and its moments in their vector. */
  private record Place(String name, long weight, long first, long second) {}

  /** Copies a state into the graph, which it returns; fails if it belongs to another network. */
  public static ComputationGraph load(ComputationGraph graph, TrainState state) {
    requireSameTensors(graph, state.weights().layout());
    INDArray moments = graph.getUpdater().getStateViewArray();
    write(state.weights(), graph, graph.params(), Place::weight);
    write(state.firstMoment(), graph, moments, Place::first);
    write(state.secondMoment(), graph, moments, Place::second);
    graph.getConfiguration().setIterationCount(Math.toIntExact(state.step()));
    return graph;
  }

  /** Copies the graph's state; fails if the graph has other tensors. */
  public static TrainState read(ComputationGraph graph, ParameterLayout layout) {
    requireSameTensors(graph, layout);
    INDArray moments = graph.getUpdater().getStateViewArray();
    return new TrainState(
        graph.getIterationCount(),
        read(layout, graph, graph.params(), Place::weight),
        read(layout, graph, moments, Place::first),
        read(layout, graph, moments, Place::second));
  }

  static void readGradient(ComputationGraph graph, ParameterLayout layout, List<FloatBuffer> to) {
    Parameters values = read(layout, graph, graph.getFlattenedGradients(), Place::weight);
    for (int i = 0; i < to.size(); i++) {
      to.get(i).put(0, values.get(i));
    }
  }

  static void loadGradient(
      ComputationGraph graph, ParameterLayout layout, List<FloatBuffer> gradient) {
    Parameters values = Parameters.zero(layout);
    for (int i = 0; i < gradient.size(); i++) {
      gradient.get(i).get(0, values.get(i));
    }
    write(values, graph, graph.getFlattenedGradients(), Place::weight);
  }

  /** Replaces one tensor of the weights, the {@code index}-th of the layout. */
  public static void loadWeights(
      ComputationGraph graph, ParameterLayout layout, int index, float[] values) {
    long from = layout.parameters().subList(0, index).stream().mapToLong(Parameter::size).sum();
    try (INDArray copy = Nd4j.createFromArray(values)) {
      stretch(graph.params(), from, values.length).assign(copy);
    }
  }

  /** All values of an array, row-major. */
  static float[] values(INDArray array) {
    try (INDArray copy = array.dup('c')) {
      return copy.data().asFloat();
    }
  }

  /** Zeros without a vector: plain gradient descent has no moments. */
  private static Parameters read(
      ParameterLayout layout, ComputationGraph graph, INDArray vector, ToLongFunction<Place> at) {
    if (vector == null) {
      return Parameters.zero(layout);
    }
    List<float[]> arrays = new ArrayList<>();
    for (Place place : places(graph)) {
      int length = layout.parameters().get(arrays.size()).size();
      arrays.add(values(stretch(vector, at.applyAsLong(place), length)));
    }
    return new Parameters(layout, arrays.toArray(float[][]::new));
  }

  private static void write(
      Parameters from, ComputationGraph graph, INDArray vector, ToLongFunction<Place> at) {
    if (vector != null) {
      for (Place place : places(graph)) {
        float[] array = from.get(place.name);
        try (INDArray values = Nd4j.createFromArray(array)) {
          stretch(vector, at.applyAsLong(place), array.length).assign(values);
        }
      }
    }
  }

  private static INDArray stretch(INDArray vector, long from, long length) {
    return vector.reshape(vector.length()).get(NDArrayIndex.interval(from, from + length));
  }

  private static List<Place> places(ComputationGraph graph) {
    List<Place> places = new ArrayList<>();
    for (UpdaterBlock block : graph.getUpdater().getUpdaterBlocks()) {
      int length = block.getParamOffsetEnd() - block.getParamOffsetStart();
      for (UpdaterBlock.ParamState tensor : block.getLayersAndVariablesInBlock()) {
        long weight = tensor.getParamOffsetStart();
        long first = weight - block.getParamOffsetStart() + block.getUpdaterViewOffsetStart();
        places.add(new Place(tensor.getParamName(), weight, first, first + length));
      }
    }
    return places;
  }

  private static void requireSameTensors(ComputationGraph graph, ParameterLayout layout) {
    List<String> expected = layout.parameters().stream().map(Parameter::name).toList();
    List<String> found = places(graph).stream().map(Place::name).toList();
    if (!found.equals(expected) || graph.numParams() != layout.count()) {
      throw new IllegalArgumentException(
          "the state of %s (%d values) does not fit a graph of %d tensors (%d values)"
              .formatted(layout.model(), layout.count(), found.size(), graph.numParams()));
    }
  }
}
