package io.tubelet.spark.stage;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.model.ModelSpec;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.config.TrainingConfig;
import io.tubelet.spark.train.ReadAhead;
import io.tubelet.spark.train.Rounds;
import io.tubelet.train.LearningRate;
import io.tubelet.train.SamplePlan;
import io.tubelet.train.StateShape;
import io.tubelet.train.Training;
import java.util.List;
import java.util.Locale;

/**
 * What a training costs on a cluster.
 *
 * @param name of the training
 * @param model the network
 * @param settings the training
 * @param clips that an epoch uses
 * @param clipsPerSecond that a replica trains on; 0 if unknown
 */
record TrainingPlan(
    String name, ModelSpec model, TrainingConfig settings, long clips, double clipsPerSecond) {
  /** Minibatches in memory: the engine's and those read ahead. */
  private static final int MINIBATCHES = 1 + ReadAhead.DEPTH;

  private static final double HOUR = 3600;

  private StateShape shape() {
    Training training =
        new Training(model, settings.optimizer(), LearningRate.constant(0), settings.dropping());
    return new StateShape(training, settings.combining().rule(), settings.replicas());
  }

  private long bytes(int vector) {
    return Float.BYTES * shape().layout().count() * shape().vectors().get(vector).size();
  }

  private long localBytes() {
    return shape().hasLocalMoments() ? bytes(shape().localVector(0)) : 0;
  }

  /** Bytes that all replicas of a round send through the shuffle; a replica alone sends none. */
  long shuffled() {
    return shape().alone() ? 0 : settings.replicas() * (bytes(0) + localBytes());
  }

  /** Bytes that the driver takes in after a round and gives out again, to each executor once. */
  long averaged() {
    long outer = settings.combining().rule().outer().hasMomentum() ? bytes(1) : 0;
    return shape().alone() ? 0 : bytes(0) + outer + settings.replicas() * localBytes();
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
   * Heap of an executor besides Spark's own: minibatches read ahead, the state as it comes and
   * goes.
   */
  long heap(JobConfig.Plan cluster, int taskCores) {
    ClipGeometry clip = model.geometry();
    long batch = (long) settings.batch() * settings.augmentation().repeats() * clip.clipBytes();
    long state = bytes(0) + localBytes();
    return together(cluster, taskCores) * (MINIBATCHES * batch + 2 * state) + averaged();
  }

  /** Native memory of an executor's replicas without activations: weights, gradients, moments. */
  long nativeState(JobConfig.Plan cluster, int taskCores) {
    return together(cluster, taskCores) * 4L * Float.BYTES * shape().layout().count();
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
    double wall = replicaHours() / settings.replicas() * waves;
    return List.of(
        String.format(
            Locale.ROOT,
            "%s: %,d parameters, %,d rounds of %d steps; a round shuffles %.1f MB, the driver takes"
                + " in and gives out %.1f MB",
            name,
            shape().layout().count(),
            rounds(),
            settings.period(),
            shuffled() / 1e6,
            averaged() / 1e6),
        String.format(
            Locale.ROOT,
            "%s: an executor runs %d of %d replicas, heap besides Spark's %.2f GB, native %.2f GB"
                + " and activations",
            name,
            together(cluster, taskCores),
            settings.replicas(),
            heap(cluster, taskCores) / 1e9,
            nativeState(cluster, taskCores) / 1e9),
        clipsPerSecond == 0
            ? name + ": hours unknown; set plan.clips-per-second, or plan.bench to what bench wrote"
            : String.format(
                Locale.ROOT,
                "%s: %.1f %s hours at %.1f clips/s each, %.1f hours in all",
                name,
                replicaHours(),
                cluster.executorGpus() > 0 ? "GPU" : "replica",
                clipsPerSecond,
                wall));
  }
}
