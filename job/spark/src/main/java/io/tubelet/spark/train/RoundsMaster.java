package io.tubelet.spark.train;

import io.tubelet.engine.EngineProvider.EngineUnavailableException;
import io.tubelet.engine.Placement;
import io.tubelet.engine.dl4j.GraphState;
import io.tubelet.engine.dl4j.VideoMaeGraph;
import io.tubelet.engine.torch.Collective;
import io.tubelet.engine.torch.Natives;
import io.tubelet.engine.torch.TorchEngine.OutOfNativeMemoryException;
import io.tubelet.model.ParameterLayout;
import io.tubelet.spark.cluster.ClusterPlugin;
import io.tubelet.spark.cluster.Slots;
import io.tubelet.spark.files.Failure;
import io.tubelet.spark.files.Failure.LayoutException;
import io.tubelet.spark.files.Failure.StateException;
import io.tubelet.train.AveragingRule;
import io.tubelet.train.StatePart;
import java.io.IOException;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.Utils;
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
import org.nd4j.common.loader.Source;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import scala.collection.Iterator;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction1;

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
  private static final Decision STOP = new Decision(null, true);

  private final Settings settings;
  private SparkComputationGraph graph;

  public RoundsMaster(Settings settings) {
    this.settings = settings;
  }

  /**
   * What replicas compute with, and how they meet.
   *
   * @param engine name of the engine, or {@code auto}
   * @param placement where and how each replica computes
   * @param rule how replicas become one
   * @param timeout how long a task waits for the others at a meeting
   * @param plainNetwork whether they may meet over plain TCP where Spark's network is secured
   */
  public record Settings(
      String engine,
      Placement placement,
      AveragingRule rule,
      Duration timeout,
      boolean plainNetwork)
      implements Serializable {}

  /** What a task says to the driver, and the answer. */
  sealed interface Said extends Serializable {
    /** A round is done. */
    record Done(RoundResult result) implements Said {}

    /** The files of a checkpoint are written. */
    record Written(Map<String, String> digests) implements Said {}

    /** A task ends, for a reason that would come again. */
    record Failed(RuntimeException reason) implements Said {}

    /** The answer. */
    record GoOn(Decision decision) implements Said {}
  }

  @Override
  public AveragingRule rule() {
    return settings.rule;
  }

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
        Slots.TRAIN.of(spark.parallelize(names, tasks)), new Work(spark, stretch, listener));
  }

  /** Carries a stretch to {@link #executeTrainingPaths}, whose parameters are dl4j-spark's. */
  private record Work(JavaSparkContext spark, Stretch stretch, Listener listener)
      implements MultiDataSetLoader {
    @Override
    public MultiDataSet load(Source unused) {
      throw onlyPaths();
    }
  }

  private void requireFits(SparkConf conf, int tasks) {
    List<String> problems = new ArrayList<>();
    if (!conf.get("spark.plugins", "").contains(ClusterPlugin.class.getName())) {
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
    Work work = (Work) loader;
    String conversation = UUID.randomUUID().toString();
    Answers answers = new Answers(work, paths.getNumPartitions());
    ClusterPlugin.listen(conversation, said -> bytes(answers.to(read(said))));
    Exception lost = null;
    try {
      paths
          .rdd()
          .barrier()
          .mapPartitions(
              new Task(settings, work.stretch, conversation),
              false,
              ClassTag$.MODULE$.<String>apply(String.class))
          .collect();
    } catch (Exception e) { // Spark's own is checked, and hidden from Java
      lost = e;
    } finally {
      ClusterPlugin.listen(conversation, null);
    }
    answers.end(lost);
    if (answers.last != null) {
      ParameterLayout layout = ParameterLayout.of(work.stretch.training().model());
      work.stretch
          .folder(answers.last)
          .read(
              layout,
              List.of(StatePart.WEIGHTS),
              (part, i, values) -> GraphState.loadWeights(trained.getNetwork(), layout, i, values));
    }
  }

  /** The driver's side of the conversation with the tasks of a stage. */
  private static final class Answers {
    private final Work work;
    private final int tasks;
    private RuntimeException failure;
    private Path pending;
    private Path last;

    Answers(Work work, int tasks) {
      this.work = work;
      this.tasks = tasks;
    }

    synchronized Said to(Said said) {
      try {
        if (failure != null) {
          return new Said.GoOn(STOP);
        } else if (said instanceof Said.Failed failed) {
          failure = failed.reason;
        } else if (said instanceof Said.Done done) {
          return new Said.GoOn(after(done.result));
        } else if (said instanceof Said.Written written) {
          work.listener.written(written.digests);
          last = pending;
        }
      } catch (RuntimeException e) {
        failure = e;
      }
      return new Said.GoOn(STOP);
    }

    /** At a checkpoint a stage ends where there is room for more tasks than it has. */
    private Decision after(RoundResult result) {
      Decision decision = work.listener.after(result);
      pending = decision.checkpoint();
      boolean room =
          pending != null
              && tasks < Slots.TRAIN.now(work.spark, work.stretch.rounds().plan().replicas());
      return new Decision(pending, decision.stop() || room);
    }

    synchronized void end(Exception lost) {
      if (failure != null) {
        throw failure;
      }
      if (lost != null) {
        throw new LostStageException(lost);
      }
    }
  }

  /** What each task of the stage does. */
  private static final class Task extends AbstractFunction1<Iterator<String>, Iterator<String>>
      implements Serializable {
    private final Settings settings;
    private final Stretch stretch;
    private final String conversation;

    Task(Settings settings, Stretch stretch, String conversation) {
      this.settings = settings;
      this.stretch = stretch;
      this.conversation = conversation;
    }

    @Override
    public Iterator<String> apply(Iterator<String> replicas) {
      BarrierTaskContext context = BarrierTaskContext.get();
      int tasks = context.getTaskInfos().length;
      String host = SparkEnv.get().blockManager().blockManagerId().host();
      try (Collective group =
          Collective.join(
              context.partitionId(),
              tasks,
              host,
              said -> context.allGather(said)[0],
              settings.timeout)) {
        var order = new EnginePool.Order(settings.engine, stretch.training(), settings.placement);
        return EnginePool.with(
            order,
            engine -> {
              try (ReplicaTask task =
                  new ReplicaTask(
                      stretch, settings.rule, engine, group, counts(tasks), this::driver)) {
                task.train();
                return replicas;
              } catch (IOException e) {
                throw new StateException("cannot keep the state: " + e.getMessage(), e);
              }
            });
      } catch (Failure | EngineUnavailableException | OutOfNativeMemoryException e) {
        driver(new Said.Failed(e));
        throw e;
      }
    }

    private int[] counts(int tasks) {
      int replicas = stretch.rounds().plan().replicas();
      return IntStream.range(0, tasks)
          .map(task -> (task + 1) * replicas / tasks - task * replicas / tasks)
          .toArray();
    }

    private Said driver(Said said) {
      return read(ClusterPlugin.ask(conversation, bytes(said)));
    }
  }

  static byte[] bytes(Object value) {
    return Utils.serialize(value);
  }

  static <T> T read(byte[] bytes) {
    return Utils.deserialize(bytes, RoundsMaster.class.getClassLoader());
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
