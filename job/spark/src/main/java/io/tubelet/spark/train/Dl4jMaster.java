package io.tubelet.spark.train;

import io.tubelet.engine.dl4j.GraphState;
import io.tubelet.engine.dl4j.VideoMaeGraph;
import io.tubelet.engine.torch.Natives;
import io.tubelet.model.Parameters;
import io.tubelet.spark.cluster.Slots;
import io.tubelet.spark.files.Failure.StateException;
import io.tubelet.spark.train.RoundResult.Skipped;
import io.tubelet.spark.train.Rounds.Round;
import io.tubelet.train.LearningRate;
import io.tubelet.train.Optimizer;
import io.tubelet.train.RoundMetrics;
import io.tubelet.train.SamplePlan;
import io.tubelet.train.StatePart;
import io.tubelet.train.StateShape;
import io.tubelet.train.TrainState;
import io.tubelet.train.Training;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Serializable;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkContext;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.DoubleAccumulator;
import org.apache.spark.util.TaskCompletionListener;
import org.deeplearning4j.core.loader.MultiDataSetLoader;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.spark.api.Repartition;
import org.deeplearning4j.spark.impl.graph.SparkComputationGraph;
import org.deeplearning4j.spark.impl.paramavg.ParameterAveragingTrainingMaster;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.common.loader.Source;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * {@code master = dl4j}: DL4J's {@link ParameterAveragingTrainingMaster}, one vote a replica, with
 * Adam's moments averaged too ({@code saveUpdater}, which is off by default and then restarts them
 * every round). A round is a Spark job, and the state passes through the driver.
 *
 * <p>Its workers cut and join data sets until they have their batch size. A minibatch that is one
 * example (see {@link OneExample}) in batches of one is left as it is.
 */
public final class Dl4jMaster implements Master {
  private SparkComputationGraph graph;
  private Meters meters;

  @Override
  public void train(JavaSparkContext spark, Stretch stretch, Listener listener) {
    open(spark, stretch);
    try {
      for (long index = stretch.first(); index < stretch.rounds().count(); index++) {
        Decision decision = listener.after(fit(spark, stretch, stretch.rounds().at(index)));
        if (decision.checkpoint() != null) {
          listener.written(write(stretch, decision.checkpoint()));
        }
        if (decision.stop()) {
          return;
        }
      }
    } catch (IOException e) {
      throw new StateException("cannot keep the state: " + e.getMessage(), e);
    }
  }

  /** Anew for every stretch: its rates may be others. */
  private void open(JavaSparkContext spark, Stretch stretch) {
    close();
    Natives.chooseBlas(); // before ND4J loads one: it serves both engines of a process
    meters = new Meters(spark.sc());
    ParameterAveragingTrainingMaster master =
        new ParameterAveragingTrainingMaster.Builder(stretch.rounds().plan().replicas(), 1)
            .batchSizePerWorker(1)
            .averagingFrequency(stretch.rounds().period())
            .saveUpdater(true)
            .trainingHooks(new OneExample())
            .repartionData(Repartition.Never)
            .storageLevelStreams(null)
            .build();
    master.setListeners(List.of(new StepListener(meters)));
    graph = new SparkComputationGraph(spark, VideoMaeGraph.of(stretch.training()), master);
    StateShape shape = stretch.shape();
    var read = stretch.folder().read(shape.layout(), shape.parts());
    GraphState.load(graph.getNetwork(), TrainState.of(stretch.step(), read, StatePart.SHARED));
  }

  /** Sums over the steps of a round, on whatever machine they are taken. */
  private record Meters(DoubleAccumulator loss, DoubleAccumulator norm, DoubleAccumulator dataWait)
      implements Serializable {
    Meters(SparkContext spark) {
      this(
          spark.doubleAccumulator("loss"),
          spark.doubleAccumulator("gradient norm"),
          spark.doubleAccumulator("data wait seconds"));
    }

    void reset() {
      loss.reset();
      norm.reset();
      dataWait.reset();
    }
  }

  private static final class StepListener extends BaseTrainingListener implements Serializable {
    private final Meters meters;

    StepListener(Meters meters) {
      this.meters = meters;
    }

    @Override
    public void onGradientCalculation(Model model) {
      meters.norm.add(
          ((ComputationGraph) model).getFlattenedGradients().norm2Number().doubleValue());
    }

    @Override
    public void iterationDone(Model model, int iteration, int epoch) {
      meters.loss.add(model.score());
    }
  }

  private RoundResult fit(JavaSparkContext spark, Stretch stretch, Round round) {
    long start = System.nanoTime();
    meters.reset();
    graph.fitPaths(names(spark, stretch, round), new Minibatches(stretch, round, meters.dataWait));
    // DL4J's master adds a whole period, also where a round at an epoch's end is shorter
    graph.getNetwork().getConfiguration().setIterationCount(Math.toIntExact(round.endStep()));
    return result(stretch, round, (System.nanoTime() - start) / 1e9);
  }

  /** One partition a replica; a minibatch is {@code replica/0/step/2}. */
  private static JavaRDD<String> names(JavaSparkContext spark, Stretch stretch, Round round) {
    SamplePlan plan = stretch.rounds().plan();
    List<List<String>> replicas = new ArrayList<>();
    for (int replica = 0; replica < plan.replicas(); replica++) {
      List<String> names = new ArrayList<>();
      for (int step = 0; step < round.steps(); step++) {
        if (plan.size(round.firstStep() + step, replica) > 0) {
          names.add("replica/%d/step/%d".formatted(replica, step));
        }
      }
      replicas.add(names);
    }
    return Slots.TRAIN.of(spark.parallelize(replicas, replicas.size()).flatMap(List::iterator));
  }

  /** Makes the minibatches that a task asks for by name: those of one replica, in their order. */
  private static final class Minibatches implements MultiDataSetLoader, Serializable {
    private final Stretch stretch;
    private final Round round;
    private final DoubleAccumulator waitSeconds;
    private transient ReadAhead reading;

    Minibatches(Stretch stretch, Round round, DoubleAccumulator waitSeconds) {
      this.stretch = stretch;
      this.round = round;
      this.waitSeconds = waitSeconds;
    }

    @Override
    public MultiDataSet load(Source name) {
      String[] parts = URI.create(name.getPath()).getPath().split("/", -1);
      if (reading == null) {
        ReadAhead started =
            stretch
                .source()
                .read(
                    stretch.rounds(), round.index(), round.index() + 1, Integer.parseInt(parts[1]));
        TaskContext.get()
            .addTaskCompletionListener((TaskCompletionListener) task -> finish(started));
        reading = started;
      }
      long step = round.globalStep() + Integer.parseInt(parts[3]);
      return OneExample.of(reading.next().orElseThrow(), step, stretch.training());
    }

    private void finish(ReadAhead started) {
      waitSeconds.add(started.takeWaitSeconds());
      started.close();
    }
  }

  private RoundResult result(Stretch stretch, Round round, double seconds) {
    double steps = Math.max(1, meters.loss.count());
    double wait = meters.dataWait.value() / stretch.rounds().plan().replicas();
    double loss = meters.loss.value() / steps;
    double norm = meters.norm.value() / steps;
    // DL4J takes every step: after a non-finite one the whole network is lost
    boolean good = Double.isFinite(loss) && Double.isFinite(norm);
    Skipped skipped = good ? Skipped.NONE : new Skipped((int) steps, List.of());
    long clips = 0;
    for (int step = 0; step < round.steps(); step++) {
      clips += stretch.rounds().plan().size(round.firstStep() + step);
    }
    // DL4J does not say how long its steps take apart from loading the network
    return new RoundResult(
        loss,
        norm,
        clips * stretch.source().presentation().augmentation().repeats(),
        skipped,
        List.of(),
        new RoundMetrics.Seconds(seconds, wait, seconds - wait, 0));
  }

  private Map<String, String> write(Stretch stretch, Path checkpoint) throws IOException {
    StateShape shape = stretch.shape();
    TrainState state = GraphState.read(graph.getNetwork(), shape.layout());
    return stretch.folder(checkpoint).write(shape.layout(), state.tensors(shape.parts()));
  }

  /** Writes weights as {@link ModelSerializer#restoreComputationGraph} reads them. */
  public static void write(Parameters weights, OutputStream out) throws IOException {
    Natives.chooseBlas(); // before ND4J loads one: it serves both engines of a process
    Training untrained =
        new Training(weights.layout().model(), new Optimizer.Sgd(), LearningRate.constant(0));
    ComputationGraph graph = VideoMaeGraph.of(untrained);
    try {
      GraphState.load(graph, TrainState.start(weights));
      ModelSerializer.writeModel(graph, out, false); // without an updater's state
    } finally {
      graph.close();
    }
  }

  @Override
  public void close() {
    if (graph != null) {
      graph.getNetwork().close();
      graph = null;
    }
  }
}
