package io.tubelet.engine.dl4j;

import io.tubelet.engine.dl4j.layer.TensorLayer;
import io.tubelet.model.ModelSpec;
import io.tubelet.training.Training;
import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What a training step leaves out of each clip ({@link io.tubelet.training.DropPath}), as the
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
    int branches = 2 * model.encoder().depth();
    int columns = flat.length / samples.size();
    float[][] head = new float[samples.size()][];
    for (int clip = 0; clip < head.length; clip++) {
      head[clip] = Arrays.copyOfRange(flat, clip * columns + branches, (clip + 1) * columns);
    }
    try (MemoryWorkspace none = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      for (int i = 0; i < branches; i += 2) {
        float[][] factors = {column(flat, columns, i), column(flat, columns, i + 1)};
        block(graph, i / 2).scale(Nd4j.createFromArray(factors));
      }
      head(graph).scale(Nd4j.createFromArray(head));
    }
  }

  private static float[] column(float[] flat, int columns, int column) {
    float[] values = new float[flat.length / columns];
    for (int row = 0; row < values.length; row++) {
      values[row] = flat[row * columns + column];
    }
    return values;
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
