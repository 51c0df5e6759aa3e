package io.tubelet.spark.stage;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.model.ModelSpec;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.config.TrainingConfig;
import io.tubelet.spark.files.Failure.LayoutException;
import io.tubelet.spark.train.ReadAhead;
import io.tubelet.spark.train.Rounds;
import io.tubelet.train.AveragingRule;
import io.tubelet.train.LearningRate;
import io.tubelet.train.SamplePlan;
import io.tubelet.train.StateShape;
import io.tubelet.train.Training;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;

/**
 * What a training costs on a cluster, by an epoch's clips and those of a replica a second, or 0.
 */
public record TrainingPlan(
    String name, ModelSpec model, TrainingConfig settings, long clips, double clipsPerSecond) {
  /** Minibatches in memory: the engine's and those read ahead. */
  private static final int MINIBATCHES = 1 + ReadAhead.DEPTH;

  /** Weights and two moments. */
  private static final long STATE = 3;

  private static final double HOUR = 3600;

  private static final Pattern LOCAL = Pattern.compile("local(?:\\[(?:(\\d+)|\\*).*)?");

  private StateShape shape() {
    Training training =
        new Training(model, settings.optimizer(), LearningRate.constant(0), settings.dropping());
    return new StateShape(training, settings.combining().rule(), settings.replicas());
  }

  private long count() {
    return shape().layout().count();
  }

  /** Bytes that a replica sends at a meeting, and takes again; alone it sends none. */
  long moved() {
    return shape().alone() ? 0 : shape().rule().wire().bytes() * count() * shape().moved().size();
  }

  /** Replicas that an executor runs at a time. */
  private int together(JobConfig.Plan cluster, int taskCores) {
    int slots =
        cluster.executorGpus() > 0
            ? cluster.executorGpus()
            : Math.max(1, cluster.executorCores() / taskCores);
    return Math.min(slots, settings.replicas());
  }

  /**
   * Heap of an executor besides Spark's own: of each replica the minibatches read ahead, the state
   * before a round and after it, and the outer momentum.
   */
  private long heap(JobConfig.Plan cluster, int taskCores) {
    ClipGeometry clip = model.geometry();
    long batch = (long) settings.batch() * settings.augmentation().repeats() * clip.clipBytes();
    long vectors = 2 * STATE + (settings.combining().rule().outer().hasMomentum() ? 2 : 0);
    return together(cluster, taskCores) * (MINIBATCHES * batch + vectors * Float.BYTES * count());
  }

  /** Fails if an executor's heap, in local mode this one, is too small for its replicas. */
  public static void requireHeap(JobConfig config, SparkConf conf) {
    Matcher local = LOCAL.matcher(conf.get("spark.master"));
    int cores = conf.getInt("spark.executor.cores", 1);
    int gpus = conf.getInt("spark.executor.resource.gpu.amount", 0);
    int taskCores = config.cluster().trainCores();
    long heap = conf.getSizeAsMb("spark.executor.memory", "1g");
    if (local.matches()) {
      boolean counted = local.group(1) != null;
      cores =
          counted ? Integer.parseInt(local.group(1)) : Runtime.getRuntime().availableProcessors();
      gpus = 0;
      taskCores = 0; // every task has Spark's
      heap = Runtime.getRuntime().maxMemory() >> 20;
    }
    taskCores = taskCores > 0 ? taskCores : conf.getInt("spark.task.cpus", 1);
    JobConfig.Plan executor = new JobConfig.Plan(1, cores, gpus, 0);
    TrainingPlan plan =
        new TrainingPlan(Run.PRETRAINING, config.model().spec(), config.pretrain(), 0, 0);
    long needed = plan.heap(executor, taskCores) >> 20;
    if (heap < needed) {
      throw new LayoutException(
          List.of(
              "a heap of %d MB cannot hold a training state of %d MB twice and minibatches, of %d replicas: set TUBELET_%s_MEMORY=%dm or more"
                  .formatted(
                      heap,
                      (STATE * Float.BYTES * plan.count()) >> 20,
                      plan.together(executor, taskCores),
                      local.matches() ? "DRIVER" : "EXECUTOR",
                      needed + needed / 2 + 512)));
    }
  }

  /** Hours of all replicas together; not a number if their speed is unknown. */
  double replicaHours() {
    double samples = (double) clips * settings.epochs() * settings.augmentation().repeats();
    return clipsPerSecond == 0 ? Double.NaN : samples / clipsPerSecond / HOUR;
  }

  long rounds() {
    SamplePlan plan =
        new SamplePlan(0, Math.toIntExact(clips), settings.replicas(), settings.batch());
    return new Rounds(plan, settings.epochs(), settings.period()).count();
  }

  List<String> lines(JobConfig.Plan cluster, int taskCores) {
    int slots = together(cluster, taskCores) * cluster.executors();
    long waves = (settings.replicas() + slots - 1L) / slots;
    long gradients = shape().synchronous() ? 2 : 1; // the engine's, and the mean
    double wall = replicaHours() / settings.replicas() * waves;
    return List.of(
        "%s: %,d parameters, %,d rounds of %d steps; a replica sends and takes %.1f MB a %s"
            .formatted(
                name,
                count(),
                rounds(),
                settings.period(),
                moved() / 1e6,
                settings.combining().of() == AveragingRule.Of.GRADIENTS ? "step" : "round"),
        ("%s: an executor runs %d of %d replicas, heap besides Spark's %.2f GB, native %.2f GB"
                + " and activations")
            .formatted(
                name,
                together(cluster, taskCores),
                settings.replicas(),
                heap(cluster, taskCores) / 1e9,
                together(cluster, taskCores) * (gradients + STATE) * Float.BYTES * count() / 1e9),
        clipsPerSecond == 0
            ? name + ": hours unknown; set plan.clips-per-second, which bench measures"
            : "%s: %.1f %s hours at %.1f clips/s each, %.1f hours in all"
                .formatted(
                    name,
                    replicaHours(),
                    cluster.executorGpus() > 0 ? "GPU" : "replica",
                    clipsPerSecond,
                    wall),
        beside("a step for gradients", 1, shape().rule().wire().bytes()),
        beside("a round for parameters", shape().averaged().size(), Float.BYTES));
  }

  /** What meetings of more replicas over faster networks would take. */
  private String beside(String what, int vectors, int wire) {
    RoundModel meeting = new RoundModel(vectors * count(), wire);
    return IntStream.of(10, 25, 100)
        .mapToObj(
            gigabits ->
                IntStream.of(8, 64, 512)
                    .mapToObj(cards -> "%.2f".formatted(meeting.seconds(cards, gigabits, 1)))
                    .collect(Collectors.joining(", ", gigabits + " Gbit/s ", " s")))
        .collect(
            Collectors.joining("; ", name + ": 8, 64, 512 cards take beside " + what + ": ", ""));
  }
}
