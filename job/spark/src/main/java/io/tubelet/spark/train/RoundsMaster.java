package io.tubelet.spark.train;

import io.tubelet.engine.Placement;
import io.tubelet.engine.dl4j.GraphState;
import io.tubelet.engine.dl4j.VideoMaeGraph;
import io.tubelet.engine.torch.Natives;
import io.tubelet.model.ParameterLayout;
import io.tubelet.spark.cluster.ClusterPlugin;
import io.tubelet.spark.cluster.Slots;
import io.tubelet.spark.files.Failure.LayoutException;
import io.tubelet.train.StatePart;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
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
 * Replicas behind dl4j-spark's {@link TrainingMaster}, on any engine: they meet in one barrier
 * stage that lasts until training ends, or until it is lost. No weights pass through the driver,
 * which hears of every round from the first task and answers how it goes on.
 *
 * <p>The network of the {@link SparkComputationGraph} that trains with this master has the weights
 * of the last checkpoint whenever a stage has ended.
 */
public final class RoundsMaster
    implements Master, TrainingMaster<TrainingResult, TrainingWorker<TrainingResult>> {
  private static final List<String> SECURED =
      List.of("spark.authenticate", "spark.ssl.rpc.enabled");

  private final Settings settings;
  private SparkComputationGraph graph;

  public RoundsMaster(Settings settings) {
    this.settings = settings;
  }

  /**
   * What replicas compute with, and how they meet.
   *
   * @param engine name of the engine, or {@code auto}
   * @param timeout how long a task waits for the others at a meeting
   * @param plainNetwork whether they may meet over plain TCP where Spark's network is secured
   */
  public record Settings(String engine, Placement placement, Duration timeout, boolean plainNetwork)
      implements Serializable {}

  @Override
  public void train(JavaSparkContext spark, Stretch stretch, Listener listener) {
    int replicas = stretch.rounds().plan().replicas();
    int tasks = Slots.TRAIN.atOnce(spark, replicas);
    requireFits(spark.getConf(), tasks);
    if (graph == null) {
      Natives.chooseBlas(); // before ND4J loads one: it serves both engines of a process
      graph = new SparkComputationGraph(spark, VideoMaeGraph.of(stretch.training()), this);
    }
    List<String> names = IntStream.range(0, replicas).mapToObj(r -> "replica/" + r).toList();
    graph.fitPaths(
        Slots.TRAIN.of(spark.parallelize(names, tasks)),
        new ReplicaStage(settings, spark, stretch, listener));
  }

  private void requireFits(SparkConf conf, int tasks) {
    List<String> problems = new ArrayList<>();
    if (!ClusterPlugin.isIn(conf)) {
      problems.add("tasks cannot speak to the driver: set spark.plugins = " + ClusterPlugin.NAME);
    }
    if (conf.getBoolean("spark.dynamicAllocation.enabled", false)) {
      problems.add(
          "replicas meet, so executors must stay: set spark.dynamicAllocation.enabled = false");
    }
    for (String key : SECURED) {
      if (tasks > 1 && conf.getBoolean(key, false) && !settings.plainNetwork) {
        problems.add(
            "%s = true, but replicas meet over plain TCP: set master.plain-network = true to allow it"
                .formatted(key));
      }
    }
    if (!problems.isEmpty()) {
      throw new LayoutException(problems);
    }
  }

  @Override
  public void executeTrainingPaths(
      SparkDl4jMultiLayer network,
      SparkComputationGraph trained,
      JavaRDD<String> paths,
      DataSetLoader unused,
      MultiDataSetLoader loader) {
    ReplicaStage stage = (ReplicaStage) loader;
    ParameterLayout layout = ParameterLayout.of(stage.stretch().training().model());
    stage
        .run(paths)
        .map(stage.stretch()::folder)
        .ifPresent(
            checkpoint ->
                checkpoint.read(
                    layout,
                    List.of(StatePart.WEIGHTS),
                    (part, i, values) ->
                        GraphState.loadWeights(trained.getNetwork(), layout, i, values)));
  }

  @Override
  public void close() {
    if (graph != null) {
      graph.getNetwork().close();
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
    return new UnsupportedOperationException("replicas are trained by fitPaths with their names");
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
