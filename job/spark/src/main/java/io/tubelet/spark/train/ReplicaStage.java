package io.tubelet.spark.train;

import io.tubelet.engine.EngineProvider.EngineUnavailableException;
import io.tubelet.engine.torch.Collective;
import io.tubelet.engine.torch.TorchEngine.OutOfNativeMemoryException;
import io.tubelet.spark.cluster.ClusterPlugin;
import io.tubelet.spark.cluster.Slots;
import io.tubelet.spark.files.Failure;
import io.tubelet.spark.files.Failure.StateException;
import io.tubelet.spark.train.Master.Decision;
import io.tubelet.spark.train.Master.Listener;
import io.tubelet.spark.train.Master.LostStageException;
import io.tubelet.spark.train.Master.Stretch;
import java.io.IOException;
import java.io.Serializable;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.Utils;
import org.deeplearning4j.core.loader.MultiDataSetLoader;
import org.nd4j.common.loader.Source;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import scala.Function1;
import scala.collection.Iterator;
import scala.reflect.ClassTag$;

/**
 * The barrier stage in which replicas train, and the conversation of its tasks with the driver.
 * {@link RoundsMaster} carries it through dl4j-spark's interface as a loader, which nobody asks.
 *
 * @param listener answers how it goes on after each round
 */
record ReplicaStage(
    RoundsMaster.Settings settings, JavaSparkContext spark, Stretch stretch, Listener listener)
    implements MultiDataSetLoader {
  private static final Decision STOP = new Decision(null, true);

  @Override
  public MultiDataSet load(Source unused) {
    throw new UnsupportedOperationException("tasks read clips themselves");
  }

  /** What a task says to the driver. */
  sealed interface Said extends Serializable {
    /** A round is done. */
    record Done(RoundResult result) implements Said {}

    /** The files of a checkpoint are written. */
    record Written(Map<String, String> digests) implements Said {}

    /** A task ends, for a reason that would come again. */
    record Failed(RuntimeException reason) implements Said {}
  }

  /**
   * Runs the stage, a task for each partition.
   *
   * @return the last checkpoint that was committed
   * @throws LostStageException if it may go well another time
   */
  Optional<Path> run(JavaRDD<String> replicas) {
    String conversation = UUID.randomUUID().toString();
    Answers answers = new Answers(replicas.getNumPartitions());
    ClusterPlugin.listen(conversation, said -> bytes(answers.to(read(said, Said.class))));
    Exception lost = null;
    try {
      replicas
          .rdd()
          .barrier()
          .mapPartitions(
              new Task(settings, stretch, conversation),
              false,
              ClassTag$.MODULE$.<String>apply(String.class))
          .collect();
    } catch (Exception e) { // Spark's own is checked, and hidden from Java
      lost = e;
    } finally {
      ClusterPlugin.listen(conversation, null);
    }
    answers.end(lost);
    return Optional.ofNullable(answers.last);
  }

  /** The driver's side of the conversation with the tasks of a stage. */
  private final class Answers {
    private final int tasks;
    private RuntimeException failure;
    private Path pending;
    private Path last;

    Answers(int tasks) {
      this.tasks = tasks;
    }

    synchronized Decision to(Said said) {
      try {
        if (failure != null) {
          return STOP;
        } else if (said instanceof Said.Failed failed) {
          failure = failed.reason;
        } else if (said instanceof Said.Done done) {
          return after(done.result);
        } else if (said instanceof Said.Written written) {
          listener.written(written.digests);
          last = pending;
        }
      } catch (RuntimeException e) {
        failure = e;
      }
      return STOP;
    }

    /** At a checkpoint a stage ends where there is room for more tasks than it has. */
    private Decision after(RoundResult result) {
      Decision decision = listener.after(result);
      pending = decision.checkpoint();
      boolean room =
          pending != null && tasks < Slots.TRAIN.now(spark, stretch.rounds().plan().replicas());
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
  private record Task(RoundsMaster.Settings settings, Stretch stretch, String conversation)
      implements Function1<Iterator<String>, Iterator<String>>, Serializable {

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
              settings.timeout(),
              context::isInterrupted)) {
        return train(replicas, group, tasks);
      }
    }

    /** Says why it fails before the group is left: the others' failures follow from that. */
    private Iterator<String> train(Iterator<String> replicas, Collective group, int tasks) {
      var order = new EnginePool.Order(settings.engine(), stretch.training(), settings.placement());
      try {
        return EnginePool.with(
            order,
            engine -> {
              try (ReplicaTask task =
                  new ReplicaTask(stretch, engine, group, counts(tasks), conversation)) {
                task.train();
                return replicas;
              } catch (IOException e) {
                throw new StateException("cannot keep the state: " + e.getMessage(), e);
              }
            });
      } catch (Failure | EngineUnavailableException | OutOfNativeMemoryException e) {
        ask(conversation, new Said.Failed(e));
        throw e;
      }
    }

    private int[] counts(int tasks) {
      int replicas = stretch.rounds().plan().replicas();
      return IntStream.range(0, tasks)
          .map(task -> (task + 1) * replicas / tasks - task * replicas / tasks)
          .toArray();
    }
  }

  /** A task says something to the driver and waits for the answer. */
  static Decision ask(String conversation, Said said) {
    return read(ClusterPlugin.ask(conversation, bytes(said)), Decision.class);
  }

  static byte[] bytes(Object value) {
    return Utils.serialize(value);
  }

  static <T> T read(byte[] bytes, Class<T> type) {
    return type.cast(Utils.deserialize(bytes, ReplicaStage.class.getClassLoader()));
  }
}
