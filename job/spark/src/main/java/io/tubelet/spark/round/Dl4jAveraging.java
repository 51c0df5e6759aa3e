package io.tubelet.spark.round;

import io.tubelet.training.Training;
import java.io.Serializable;
import java.util.List;
import org.apache.spark.SparkContext;
import org.apache.spark.util.DoubleAccumulator;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.spark.api.RDDTrainingApproach;
import org.deeplearning4j.spark.api.Repartition;
import org.deeplearning4j.spark.api.TrainingMaster;
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
  private final ParameterAveragingTrainingMaster master;

  Dl4jAveraging(
      SparkContext spark, Training training, int replicas, int period, int aggregationDepth) {
    this.training = training;
    this.replicas = replicas;
    this.meters = new Meters(spark);
    this.master =
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
  public TrainingMaster<?, ?> master() {
    return master;
  }

  @Override
  public MinibatchLoader loader(Round round, MinibatchSource source) {
    meters.reset();
    return new MinibatchLoader(round, source, training, meters.dataWait);
  }

  @Override
  public RoundResult result(long clips, double totalSeconds) {
    double steps = Math.max(1, meters.loss.count());
    double wait = meters.dataWait.value() / replicas;
    // DL4J does not say how long its steps take apart from loading the network
    return new RoundResult(
        meters.loss.value() / steps,
        meters.norm.value() / steps,
        clips,
        new RoundResult.Seconds(totalSeconds, wait, totalSeconds - wait, 0));
  }
}
