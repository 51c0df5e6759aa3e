package io.tubelet.spark.train;

import io.tubelet.engine.dl4j.GraphState;
import io.tubelet.engine.dl4j.VideoMaeGraph;
import io.tubelet.model.ParameterLayout;
import io.tubelet.train.RoundMetrics;
import io.tubelet.train.StateView;
import io.tubelet.train.StateView.StateBuilder;
import io.tubelet.train.TrainState;
import io.tubelet.train.Training;
import java.io.Serializable;
import java.util.List;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.DoubleAccumulator;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.spark.api.RDDTrainingApproach;
import org.deeplearning4j.spark.api.Repartition;
import org.deeplearning4j.spark.impl.graph.SparkComputationGraph;
import org.deeplearning4j.spark.impl.paramavg.ParameterAveragingTrainingMaster;

/**
 * {@code master = dl4j}: DL4J's {@link ParameterAveragingTrainingMaster}, one vote a replica, with
 * Adam's moments averaged too ({@code saveUpdater}, which is off by default and then restarts them
 * every round).
 *
 * <p>Its workers cut and join data sets until they have their batch size. A minibatch that is one
 * example (see {@link OneExample}) in batches of one is left as it is.
 */
final class Dl4jAveraging implements Averaging {
  private final Training training;
  private final int replicas;
  private final Meters meters;
  private final SparkComputationGraph graph;

  Dl4jAveraging(
      JavaSparkContext spark, Training training, int replicas, int period, int aggregationDepth) {
    this.training = training;
    this.replicas = replicas;
    this.meters = new Meters(spark.sc());
    ParameterAveragingTrainingMaster master =
        new ParameterAveragingTrainingMaster.Builder(replicas, 1)
            .batchSizePerWorker(1)
            .averagingFrequency(period)
            .aggregationDepth(aggregationDepth)
            .saveUpdater(true)
            .trainingHooks(new OneExample())
            .rddTrainingApproach(RDDTrainingApproach.Direct)
            .repartionData(Repartition.Never)
            .storageLevelStreams(null)
            .build();
    master.setListeners(List.of(new StepListener(meters)));
    this.graph = new SparkComputationGraph(spark, VideoMaeGraph.of(training), master);
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

  /** Reports each step of a worker's network. */
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

  @Override
  public StateBuilder<TrainState> builder() {
    return new TrainState.Builder(ParameterLayout.of(training.model()));
  }

  @Override
  public void load(StateView state) {
    GraphState.load(graph.getNetwork(), (TrainState) state);
  }

  @Override
  public TrainState state() {
    return GraphState.read(graph.getNetwork(), ParameterLayout.of(training.model()));
  }

  @Override
  public List<String> places() {
    return List.of();
  }

  @Override
  public void fit(JavaRDD<String> paths, Round round, MinibatchSource source) {
    meters.reset();
    graph.fitPaths(paths, new MinibatchLoader(round, source, training, meters.dataWait));
    // DL4J's master adds a whole period, also where a round at an epoch's end is shorter
    graph
        .getNetwork()
        .getConfiguration()
        .setIterationCount(Math.toIntExact(round.globalStep() + round.steps()));
  }

  @Override
  public RoundResult result(long clips, double totalSeconds) {
    double steps = Math.max(1, meters.loss.count());
    double wait = meters.dataWait.value() / replicas;
    double loss = meters.loss.value() / steps;
    double norm = meters.norm.value() / steps;
    // DL4J takes every step: after a non-finite one the whole network is lost
    boolean good = Double.isFinite(loss) && Double.isFinite(norm);
    Skipped skipped = good ? Skipped.NONE : new Skipped((int) steps, List.of());
    // DL4J does not say how long its steps take apart from loading the network
    return new RoundResult(
        loss,
        norm,
        clips,
        skipped,
        List.of(),
        new RoundMetrics.Seconds(totalSeconds, wait, totalSeconds - wait, 0));
  }

  @Override
  public void close() {
    graph.getNetwork().close();
  }
}
