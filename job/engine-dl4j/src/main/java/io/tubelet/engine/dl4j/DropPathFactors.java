package io.tubelet.engine.dl4j;

import io.tubelet.engine.dl4j.layer.TensorLayer;
import io.tubelet.train.Training;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The factors of drop path and dropout ({@link io.tubelet.train.DropPath}) in the graph's layers:
 * next to the graph, not through it, since a DL4J layer has one input.
 */
public final class DropPathFactors {
  private DropPathFactors() {}

  /** Readies the graph for training on a batch of these samples; {@link #clear} undoes it. */
  @SuppressWarnings("try") // the scope is held, not used
  public static void set(
      ComputationGraph graph, Training training, long seed, List<String> samples) {
    if (!training.dropping().active()) {
      return;
    }
    float[] flat = training.dropping().factors(seed, samples, training.model());
    int branches = 2 * training.model().encoder().depth();
    try (MemoryWorkspace none = Nd4j.getMemoryManager().scopeOutOfWorkspaces();
        INDArray all = Nd4j.create(flat, samples.size(), flat.length / samples.size())) {
      for (int i = 0; i < branches; i += 2) {
        layer(graph, "encoder" + i / 2).scale(columns(all, i, i + 2).transpose().dup('c'));
      }
      layer(graph, VideoMaeGraph.CLASSIFIER).scale(columns(all, branches, all.size(1)).dup('c'));
    }
  }

  private static INDArray columns(INDArray all, long from, long to) {
    return all.get(NDArrayIndex.all(), NDArrayIndex.interval(from, to));
  }

  /** Readies the graph for passes that drop nothing. */
  public static void clear(ComputationGraph graph, Training training) {
    if (training.dropping().active()) {
      for (int block = 0; block < training.model().encoder().depth(); block++) {
        layer(graph, "encoder" + block).scale(null);
      }
      layer(graph, VideoMaeGraph.CLASSIFIER).scale(null);
    }
  }

  private static TensorLayer layer(ComputationGraph graph, String name) {
    return (TensorLayer) graph.getLayer(name);
  }
}
