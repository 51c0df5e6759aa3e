package io.tubelet.engine.dl4j;

import io.tubelet.engine.dl4j.layer.PooledClassifierLayer;
import io.tubelet.engine.dl4j.layer.TransformerBlockLayer;
import io.tubelet.model.ModelSpec;
import io.tubelet.training.Training;
import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * What a training step leaves out of each clip ({@link io.tubelet.training.DropPath}), as the
 * graph's layers take it: beside the graph, not through it, since a DL4J layer has one input.
 */
public final class LeftOut {
  private LeftOut() {}

  /** Readies the graph for training on a batch of these samples; {@link #nothing} undoes it. */
  public static void of(
      ComputationGraph graph, Training training, long seed, List<String> samples) {
    if (!training.dropping().active()) {
      return;
    }
    ModelSpec model = training.model();
    int depth = model.encoder().depth();
    float[] flat = training.dropping().factors(seed, samples, model);
    int columns = flat.length / samples.size();
    for (int block = 0; block < depth; block++) {
      block(graph, block).scale(columns(flat, columns, 2 * block, 2 * block + 2));
    }
    head(graph).scale(columns(flat, columns, 2 * depth, columns));
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

  private static float[][] columns(float[] flat, int columns, int from, int to) {
    float[][] rows = new float[flat.length / columns][];
    for (int row = 0; row < rows.length; row++) {
      rows[row] = Arrays.copyOfRange(flat, row * columns + from, row * columns + to);
    }
    return rows;
  }

  private static TransformerBlockLayer block(ComputationGraph graph, int block) {
    return (TransformerBlockLayer) graph.getLayer("encoder" + block);
  }

  private static PooledClassifierLayer head(ComputationGraph graph) {
    return (PooledClassifierLayer) graph.getLayer(VideoMaeGraph.OUTPUT);
  }
}
