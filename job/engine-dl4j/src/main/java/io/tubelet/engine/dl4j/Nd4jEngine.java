package io.tubelet.engine.dl4j;

import io.tubelet.cube.CubeBatch;
import io.tubelet.engine.Engine;
import io.tubelet.engine.Engine.Gradient;
import io.tubelet.engine.Engine.StepResult;
import io.tubelet.engine.dl4j.arithmetic.Sums;
import io.tubelet.engine.dl4j.arithmetic.Values;
import io.tubelet.engine.dl4j.layer.DecoderInputLayer;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Task;
import io.tubelet.training.TrainState;
import io.tubelet.training.Training;
import java.util.List;
import java.util.function.Consumer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.updater.UpdaterBlock;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;

/** The graph of {@link VideoMaeGraph} as an engine. */
final class Nd4jEngine implements Engine {
  private final Training training;
  private final ParameterLayout layout;
  private final ComputationGraph graph;
  private final EngineThread thread = new EngineThread();

  Nd4jEngine(Training training, int threads) {
    this.training = training;
    this.layout = ParameterLayout.of(training.model());
    this.graph = thread.call(() -> VideoMaeGraph.of(training));
    thread.run(() -> useThreads(threads));
  }

  /** Matrix products take the threads; ND4J's own loops are short and would only wait for them. */
  private static void useThreads(int threads) {
    NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(1);
    Nd4j.getNDArrayFactory().blas().setMaxThreads(threads);
  }

  @Override
  public Training training() {
    return training;
  }

  @Override
  public void load(TrainState state) {
    thread.run(() -> GraphState.load(graph, state));
  }

  @Override
  public TrainState state() {
    return thread.call(() -> GraphState.read(graph, layout));
  }

  @Override
  public StepResult step(CubeBatch batch) {
    requireLabels(batch);
    return thread.call(() -> takeStep(batch));
  }

  /** Does what DL4J's {@code fit} does, less the views it makes of every tensor at every step. */
  private StepResult takeStep(CubeBatch batch) {
    int iteration = graph.getIterationCount();
    differentiate(batch);
    INDArray gradient = graph.getFlattenedGradients();
    double norm = Sums.norm(gradient);
    StepResult result = new StepResult(graph.score(), norm, training.learningRate().at(iteration));
    if (result.finite()) {
      update(gradient, training.optimizer().clipFactor(norm), iteration);
    }
    graph.getConfiguration().setIterationCount(iteration + 1);
    return result;
  }

  private void update(INDArray gradient, double factor, int iteration) {
    if (factor < 1) {
      gradient.muli(factor);
    }
    for (UpdaterBlock block : graph.getUpdater().getUpdaterBlocks()) {
      block.update(iteration, graph.getEpochCount()); // the gradient becomes the update
    }
    graph.params().subi(gradient.reshape(gradient.length()));
  }

  @Override
  public Gradient gradient(CubeBatch batch) {
    requireLabels(batch);
    return thread.call(
        () -> {
          differentiate(batch);
          return new Gradient(
              graph.score(), GraphState.parameters(graph.getFlattenedGradients(), layout));
        });
  }

  private void differentiate(CubeBatch batch) {
    try (BatchArrays arrays = BatchArrays.of(batch)) {
      graph.setInputs(arrays.features());
      graph.setLabels(arrays.labels());
      LeftOut.of(graph, training, batch.seed(), batch.clips());
      graph.computeGradientAndScore();
      LeftOut.nothing(graph, training);
      graph.clear();
    }
  }

  @Override
  public float[] classify(CubeBatch batch) {
    training.model().classification();
    return output(VideoMaeGraph.OUTPUT, batch);
  }

  @Override
  public float[] reconstruct(CubeBatch batch) {
    training.model().pretraining();
    requireMask(batch);
    return output(VideoMaeGraph.OUTPUT, batch);
  }

  @Override
  public float[] encode(CubeBatch batch) {
    String last = VideoMaeGraph.encoderOutput(training);
    if (training.model().task() instanceof Task.Classification) {
      return output(last, batch);
    }
    return output(
        last,
        batch,
        tokens -> ((DecoderInputLayer) graph.getLayer(VideoMaeGraph.BRIDGE)).normalise(tokens));
  }

  private float[] output(String vertex, CubeBatch batch) {
    return output(vertex, batch, all -> {});
  }

  private float[] output(String vertex, CubeBatch batch, Consumer<INDArray> finish) {
    requireGeometry(batch);
    return thread.call(
        () -> {
          try (BatchArrays arrays = BatchArrays.of(batch)) {
            INDArray output = graph.output(List.of(vertex), false, arrays.features(), null)[0];
            finish.accept(output);
            float[] values = new float[Math.toIntExact(output.length())];
            Values.of(output).read(0, values);
            output.close();
            graph.clear();
            return values;
          }
        });
  }

  private void requireLabels(CubeBatch batch) {
    requireGeometry(batch);
    if (training.model().task() instanceof Task.Classification task) {
      if (batch.hidden() != 0 || batch.classes() != task.classes()) {
        throw new IllegalArgumentException(
            "expected whole clips with labels over %d classes, found %d hidden tokens, %d classes"
                .formatted(task.classes(), batch.hidden(), batch.classes()));
      }
    } else {
      requireMask(batch);
    }
  }

  private static void requireMask(CubeBatch batch) {
    if (batch.hidden() == 0) {
      throw new IllegalArgumentException("expected masked clips, found no hidden tokens");
    }
  }

  private void requireGeometry(CubeBatch batch) {
    if (!batch.geometry().equals(training.model().geometry())) {
      throw new IllegalArgumentException(
          "expected clips of %s, found %s"
              .formatted(training.model().geometry(), batch.geometry()));
    }
  }

  @Override
  public void close() {
    thread.run(graph::close);
    thread.close();
  }
}
