package io.tubelet.spark.round;

import io.tubelet.engine.dl4j.GraphState;
import io.tubelet.model.ParameterLayout;
import io.tubelet.training.TrainState;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
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
 * replicas, so that the bits do not depend on the cluster; states that travel in chunks.
 */
final class RoundsMaster implements TrainingMaster<TrainingResult, TrainingWorker<TrainingResult>> {
  private final EnginePool.Order order;
  private List<ReplicaReport> reports = List.of();

  RoundsMaster(EnginePool.Order order) {
    this.order = order;
  }

  /** What the replicas of the last round said, in their order. */
  List<ReplicaReport> reports() {
    return reports;
  }

  @Override
  public void executeTrainingPaths(
      SparkDl4jMultiLayer network,
      SparkComputationGraph graph,
      JavaRDD<String> paths,
      DataSetLoader unused,
      MultiDataSetLoader loader) {
    MinibatchLoader minibatches = (MinibatchLoader) loader;
    JavaSparkContext spark = graph.getSparkContext();
    ParameterLayout layout = ParameterLayout.of(order.training().model());
    TrainState before = GraphState.read(graph.getNetwork(), layout);
    SharedState shared = SharedState.share(spark, order.training(), before);
    ReplicaWork work = new ReplicaWork(minibatches.round(), minibatches.source(), order, shared);
    try {
      List<SharedState.Averaged> averaged = new ArrayList<>(run(paths, work));
      averaged.sort(Comparator.comparingInt(SharedState.Averaged::chunk));
      reports = averaged.get(0).reports();
      long step = minibatches.round().globalStep() + minibatches.round().steps();
      TrainState after =
          shared.join(step, averaged.stream().map(SharedState.Averaged::values).toList());
      GraphState.load(graph.getNetwork(), after);
    } finally {
      shared.destroy();
    }
  }

  private static List<SharedState.Averaged> run(JavaRDD<String> paths, ReplicaWork work) {
    int chunks = work.start().chunks().size();
    return paths
        .mapPartitionsToPair(
            names ->
                names.hasNext()
                    ? work.run(Minibatch.parse(names.next()).replica())
                    : Collections.emptyIterator())
        .groupByKey(chunks)
        .map(chunk -> SharedState.average(chunk._1(), chunk._2()))
        .collect();
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
