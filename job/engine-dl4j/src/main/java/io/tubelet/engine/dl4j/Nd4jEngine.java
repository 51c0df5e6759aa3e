package io.tubelet.engine.dl4j;

import io.tubelet.cube.CubeBatch;
import io.tubelet.engine.Engine;
import io.tubelet.engine.Engine.StepResult;
import io.tubelet.model.ParameterLayout;
import io.tubelet.train.TrainState;
import io.tubelet.train.Training;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.updater.UpdaterBlock;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.reduce.floating.SquaredNorm;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;

/** The graph of {@link VideoMaeGraph} as an engine. */
final class Nd4jEngine implements Engine {
  private final Training training;
  private final ParameterLayout layout;
  private final ComputationGraph graph;

  /**
   * The one thread that computes. ND4J ties workspaces, and so most of a network's memory, to the
   * thread that opens them; on a thread of the engine's own they are one set, whoever calls, and
   * end with the engine.
   */
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          work -> {
            Thread daemon = new Thread(work, "nd4j-engine");
            daemon.setDaemon(true);
            return daemon;
          });

  Nd4jEngine(Training training, int threads) {
    this.training = training;
    this.layout = ParameterLayout.of(training.model());
    this.graph = call(() -> open(training, threads));
  }

  /** Matrix products take the threads; ND4J's own loops are short and would only wait for them. */
  private static ComputationGraph open(Training training, int threads) {
    ComputationGraph graph = VideoMaeGraph.of(training);
    NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(1);
    Nd4j.getNDArrayFactory().blas().setMaxThreads(threads);
    return graph;
  }

  @Override
  public Training training() {
    return training;
  }

  @Override
  public void load(TrainState state) {
    call(() -> GraphState.load(graph, state));
  }

  @Override
  public TrainState state() {
    return call(() -> GraphState.read(graph, layout));
  }

  @Override
  public StepResult step(CubeBatch batch) {
    requireTrainable(batch);
    return call(
        () -> {
          differentiate(batch);
          return takeStep(graph.score());
        });
  }

  @Override
  public StepResult update(double loss, List<FloatBuffer> gradient) {
    return call(
        () -> {
          GraphState.loadGradient(graph, layout, gradient);
          return takeStep(loss);
        });
  }

  /** Does what DL4J's {@code fit} does, less the views it makes of every tensor at every step. */
  private StepResult takeStep(double loss) {
    int iteration = graph.getIterationCount();
    INDArray gradient = graph.getFlattenedGradients();
    double norm = norm(gradient);
    StepResult result = new StepResult(loss, norm, training.learningRate().at(iteration));
    if (result.finite()) {
      update(gradient, training.optimizer().clipFactor(norm), iteration);
    }
    graph.getConfiguration().setIterationCount(iteration + 1);
    return result;
  }

  /** Euclidean norm of all values, summed in double: in fp32 that of millions is 1e-3 off. */
  private static double norm(INDArray gradient) {
    try (INDArray squares = Nd4j.scalar(DataType.DOUBLE, 0)) {
      Nd4j.exec(new SquaredNorm(gradient, squares, false));
      return Math.sqrt(squares.sumNumber().doubleValue());
    }
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
  public double gradient(CubeBatch batch, List<FloatBuffer> to) {
    requireTrainable(batch);
    return call(
        () -> {
          differentiate(batch);
          GraphState.readGradient(graph, layout, to);
          return graph.score();
        });
  }

  private void differentiate(CubeBatch batch) {
    try (BatchArrays arrays = BatchArrays.of(batch)) {
      graph.setInputs(arrays.features());
      graph.setLabels(arrays.labels());
      VideoMaeGraph.drop(graph, training, batch.seed(), batch.clips());
      graph.computeGradientAndScore();
      VideoMaeGraph.dropNothing(graph, training);
      graph.clear();
    }
  }

  @Override
  public float[] predict(CubeBatch batch) {
    requireAnswerable(batch);
    return output(VideoMaeGraph.OUTPUT, batch);
  }

  @Override
  public float[] encode(CubeBatch batch) {
    requireGeometry(batch);
    return output(VideoMaeGraph.encoderOutput(training), batch);
  }

  private float[] output(String vertex, CubeBatch batch) {
    return call(
        () -> {
          try (BatchArrays arrays = BatchArrays.of(batch);
              INDArray output = graph.output(List.of(vertex), false, arrays.features(), null)[0]) {
            graph.clear();
            return GraphState.values(output);
          }
        });
  }

  @Override
  public void close() {
    call(
        () -> {
          graph.close();
          return graph;
        });
    thread.shutdown();
  }

  /** Computes on the engine's thread and waits: an interrupt does not cut it short. */
  private <T> T call(Supplier<T> work) {
    try {
      return CompletableFuture.supplyAsync(work, thread).join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      if (e.getCause() instanceof Error cause) {
        throw cause;
      }
      throw e;
    }
  }
}
