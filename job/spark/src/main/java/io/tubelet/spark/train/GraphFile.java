package io.tubelet.spark.train;

import io.tubelet.engine.dl4j.GraphState;
import io.tubelet.engine.dl4j.VideoMaeGraph;
import io.tubelet.engine.torch.Natives;
import io.tubelet.model.Parameters;
import io.tubelet.train.LearningRate;
import io.tubelet.train.Optimizer;
import io.tubelet.train.TrainState;
import io.tubelet.train.Training;
import java.io.IOException;
import java.io.OutputStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;

/** Weights as a DL4J file: what {@link ModelSerializer#restoreComputationGraph} reads. */
public final class GraphFile {
  private GraphFile() {}

  /** Writes configuration and weights, without an updater's state. */
  public static void write(Parameters weights, OutputStream out) throws IOException {
    Natives.chooseBlas(); // before ND4J loads one: it serves both engines of a process
    Training untrained =
        new Training(weights.layout().model(), new Optimizer.Sgd(), LearningRate.constant(0));
    ComputationGraph graph = VideoMaeGraph.of(untrained);
    try {
      GraphState.load(graph, TrainState.start(weights));
      ModelSerializer.writeModel(graph, out, false);
    } finally {
      graph.close();
    }
  }
}
