package io.tubelet.spark.train;

import io.tubelet.engine.dl4j.GraphState;
import io.tubelet.spark.cluster.Slots;
import io.tubelet.train.StateShape;
import io.tubelet.train.TrainState;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.core.loader.DataSetLoader;
import org.deeplearning4j.core.loader.MultiDataSetLoader;
import org.deeplearning4j.core.storage.StatsStorageRouter;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.deeplearning4j.spark.api.TrainingHook;
import org.deeplearning4j.spark.api.TrainingMaster;
import org.deeplearning4j.spark.api.TrainingResult;
import org.deeplearning4j.spark.api.TrainingWorker;
import org.deeplearning4j.spark.api.stats.SparkTrainingStats;
import org.deeplearning4j.spark.impl.graph.SparkComputationGraph;
import org.deeplearning4j.spark.impl.multilayer.SparkDl4jMultiLayer;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * Parameter averaging behind dl4j-spark's {@link TrainingMaster}, with what DL4J's own lacks: any
 * engine, kept warm in the executor; averages weighted by samples and folded in the order of
 * replicas, so that the bits do not depend on the cluster; an outer step; states that travel in
 * chunks.
 *
 * <p>The state between rounds is its own {@link SharedState}. A {@link SparkComputationGraph} that
 * trains with this master has its network read before the first round and written after each;
 * without a graph no network of DL4J's is made at all.
 */
final class RoundsMaster implements TrainingMaster<TrainingResult, TrainingWorker<TrainingResult>> {
  private final EnginePool.Order order;
  private final StateShape shape;
  private final List<Round> pending = new ArrayList<>();
  private String run = "";
  private SharedState state;
  private MinibatchSource source;
  private List<ReplicaReport> reports = List.of();

  RoundsMaster(EnginePool.Order order, StateShape shape) {
    this.order = order;
    this.shape = shape;
  }

  /** What the replicas of the last round said, in their order. */
  List<ReplicaReport> reports() {
    return reports;
  }

  /** Replaces the state; the old one is freed. */
  void load(SharedState next) {
    close();
    run = UUID.randomUUID().toString(); // no engine holds a state of this run yet
    pending.clear();
    state = next;
  }

  /** The state after the last round; one that an executor's engine has kept so far is fetched. */
  SharedState state(JavaSparkContext spark) {
    if (!pending.isEmpty()) {
      JavaRDD<Integer> replica = Slots.TRAIN.of(spark.parallelize(List.of(0), 1));
      ReplicaWork work = work(pending);
      replace(new Gathering(work, spark).of(replica.mapPartitionsToPair(unused -> work.bring(0))));
      pending.clear();
    }
    return state;
  }

  private ReplicaWork work(List<Round> rounds) {
    return new ReplicaWork(run, List.copyOf(rounds), source, order, state);
  }

  private void replace(SharedState next) {
    state.destroyAllBut(next);
    state = next;
  }

  @Override
  public void executeTrainingPaths(
      SparkDl4jMultiLayer network,
      SparkComputationGraph graph,
      JavaRDD<String> paths,
      DataSetLoader unused,
      MultiDataSetLoader loader) {
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(paths.context());
    if (graph != null && state == null) {
      TrainState first = GraphState.read(graph.getNetwork(), shape.layout());
      load(SharedState.share(spark, shape, first));
    }
    train(spark, paths, (MinibatchLoader) loader);
    if (graph != null) {
      SharedState after = state(spark);
      GraphState.load(graph.getNetwork(), after.join(after.step()));
    }
  }

  private void train(JavaSparkContext spark, JavaRDD<String> paths, MinibatchLoader minibatches) {
    source = minibatches.source();
    if (shape.alone()) {
      List<Round> rounds = new ArrayList<>(pending);
      rounds.add(minibatches.round());
      ReplicaWork work = work(rounds);
      reports = paths.mapPartitions(names -> List.of(work.stay(0)).iterator()).collect();
      pending.add(minibatches.round());
      return;
    }
    ReplicaWork work = work(List.of(minibatches.round()));
    Gathering gathering = new Gathering(work, spark);
    replace(gathering.of(paths.mapPartitionsToPair(work::bring)));
    reports = gathering.reports();
  }

  /** Frees the state. */
  void close() {
    if (state != null) {
      state.destroy();
      state = null;
    }
  }

  @Override
  public void executeTraining(SparkDl4jMultiLayer network, JavaRDD<DataSet> data) {
    throw onlyPaths();
  }

  @Override
  public void executeTraining(SparkComputationGraph graph, JavaRDD<DataSet> data) {
    throw onlyPaths();
  }

  @Override
  public void executeTrainingMDS(SparkComputationGraph graph, JavaRDD<MultiDataSet> data) {
    throw onlyPaths();
  }

  @Override
  public TrainingWorker<TrainingResult> getWorkerInstance(SparkDl4jMultiLayer network) {
    throw onlyPaths();
  }

  @Override
  public TrainingWorker<TrainingResult> getWorkerInstance(SparkComputationGraph graph) {
    throw onlyPaths();
  }

  private static UnsupportedOperationException onlyPaths() {
    return new UnsupportedOperationException(
        "rounds are trained by fitPaths with the names of minibatches");
  }

  @Override
  public void setListeners(Collection<TrainingListener> listeners) {}

  @Override
  public void setListeners(StatsStorageRouter router, Collection<TrainingListener> listeners) {}

  @Override
  public void addHook(TrainingHook hook) {
    throw onlyPaths();
  }

  @Override
  public void removeHook(TrainingHook hook) {
    throw onlyPaths();
  }

  @Override
  public void setCollectTrainingStats(boolean collect) {}

  @Override
  public boolean getIsCollectTrainingStats() {
    return false;
  }

  @Override
  public SparkTrainingStats getTrainingStats() {
    return null;
  }

  @Override
  public String toJson() {
    throw onlyPaths();
  }

  @Override
  public String toYaml() {
    throw onlyPaths();
  }

  @Override
  public boolean deleteTempFiles(JavaSparkContext spark) {
    return true;
  }

  @Override
  public boolean deleteTempFiles(SparkContext spark) {
    return true;
  }
}
