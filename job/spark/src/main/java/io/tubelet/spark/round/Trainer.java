package io.tubelet.spark.round;

import io.tubelet.engine.dl4j.GraphState;
import io.tubelet.engine.dl4j.VideoMaeGraph;
import io.tubelet.engine.torch.Natives;
import io.tubelet.model.ParameterLayout;
import io.tubelet.training.SamplePlan;
import io.tubelet.training.TrainState;
import io.tubelet.training.Training;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.spark.impl.graph.SparkComputationGraph;

/**
 * Trains rounds on the cluster and holds the network between them: the model of record is a DL4J
 * {@link ComputationGraph}, trained by dl4j-spark's {@link SparkComputationGraph} with the run's
 * master. A round is an RDD with one partition a replica, whose elements name minibatches; what
 * they stand for is read inside the partition.
 */
public final class Trainer implements AutoCloseable {
  private final JavaSparkContext spark;
  private final Training training;
  private final MinibatchSource source;
  private final Averaging averaging;
  private final SparkComputationGraph graph;

  /**
   * @param period most steps of a round
   */
  public Trainer(
      JavaSparkContext spark,
      Training training,
      MinibatchSource source,
      int period,
      Master master) {
    this.spark = spark;
    this.training = training;
    this.source = source;
    this.averaging = averaging(master, period);
    Natives.chooseBlas(); // before ND4J loads one: it serves both engines of a process
    this.graph = new SparkComputationGraph(spark, VideoMaeGraph.of(training), averaging.master());
  }

  private Averaging averaging(Master master, int period) {
    if (master instanceof Master.Rounds rounds) {
      return new RoundsAveraging(
          new EnginePool.Order(rounds.engine(), training, rounds.placement()));
    }
    Master.Dl4j dl4j = (Master.Dl4j) master;
    return new Dl4jAveraging(
        spark.sc(), training, source.plan().replicas(), period, dl4j.aggregationDepth());
  }

  /** Replaces the state. */
  public void load(TrainState state) {
    GraphState.load(graph.getNetwork(), state);
  }

  /** Copies the state out. */
  public TrainState state() {
    return GraphState.read(graph.getNetwork(), ParameterLayout.of(training.model()));
  }

  /** Trains one round; afterwards {@link #state} is that of the round's end. */
  public RoundResult fit(Round round) {
    long start = System.nanoTime();
    List<List<String>> names = names(round);
    JavaRDD<String> rdd = spark.parallelize(names, names.size()).flatMap(List::iterator);
    graph.fitPaths(rdd, averaging.loader(round, source));
    // DL4J's master adds a whole period, also where a round at an epoch's end is shorter
    graph
        .getNetwork()
        .getConfiguration()
        .setIterationCount(Math.toIntExact(round.globalStep() + round.steps()));
    return averaging.result(samples(round), (System.nanoTime() - start) / 1e9);
  }

  /** The names of a round's minibatches, one list a replica. */
  private List<List<String>> names(Round round) {
    SamplePlan plan = source.plan();
    List<List<String>> replicas = new ArrayList<>();
    for (int replica = 0; replica < plan.replicas(); replica++) {
      List<String> names = new ArrayList<>();
      for (int step = 0; step < round.steps(); step++) {
        if (plan.size(round.firstStep() + step, replica) > 0) {
          names.add(new Minibatch(round.index(), replica, step).path());
        }
      }
      replicas.add(names);
    }
    return replicas;
  }

  /** Samples that a round trains on. */
  private long samples(Round round) {
    long clips = 0;
    for (int step = 0; step < round.steps(); step++) {
      clips += source.plan().size(round.firstStep() + step);
    }
    return clips * source.presentation().augmentation().repeats();
  }

  @Override
  public void close() {
    EnginePool.closeIdle();
    graph.getNetwork().close();
  }
}
