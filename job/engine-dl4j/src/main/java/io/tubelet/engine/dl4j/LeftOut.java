package io.tubelet.engine.dl4j;

import io.tubelet.engine.dl4j.layer.TensorLayer;
import io.tubelet.model.ModelSpec;
import io.tubelet.training.Training;
import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What a training step leaves out of each clip ({@link io.tubelet.training.Dropping}), as the
 * graph's layers take it: beside the graph, not through it, since a DL4J layer has one input.
 */
public final class LeftOut {
  private LeftOut() {}

  /** Readies the graph for training on a batch of these samples; {@link #nothing} undoes it. */
  @SuppressWarnings("try") // the scope is held, not used
  public static void of(
      ComputationGraph graph, Training training, long seed, List<String> samples) {
    if (!training.dropping().active()) {
      return;
    }
    ModelSpec model = training.model();
    float[] flat = training.dropping().factors(seed, samples, model);
    int columns = flat.length / samples.size();
    float[][] factors = new float[columns][samples.size()];
    for (int i = 0; i < flat.length; i++) {
      factors[i % columns][i / columns] = flat[i];
    }
    int branches = 2 * model.encoder().depth();
    try (MemoryWorkspace none = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      for (int i = 0; i < branches; i += 2) {
        block(graph, i / 2).scale(array(factors, i, i + 2));
      }
      head(graph).scale(array(factors, branches, columns).transpose());
    }
  }

  private static INDArray array(float[][] factors, int from, int to) {
    return Nd4j.createFromArray(Arrays.copyOfRange(factors, from, to));
  }

  /** Readies the graph for passes of which nothing is left out. */
  public static void nothing(ComputationGraph graph, Training training) {
    if (training.dropping().active()) {
      for (int block = 0; block < training.model().encoder().depth(); block++) {
        block(graph, block).scale(null);
      }
      head(graph).scale(null);
    }
  }

  private static TensorLayer block(ComputationGraph graph, int block) {
    return (TensorLayer) graph.getLayer("encoder" + block);
  }

  private static TensorLayer head(ComputationGraph graph) {
    return (TensorLayer) graph.getLayer(VideoMaeGraph.CLASSIFIER);
  }
}
