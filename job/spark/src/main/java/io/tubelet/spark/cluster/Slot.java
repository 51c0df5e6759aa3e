package io.tubelet.spark.cluster;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.SparkConf;
import org.apache.spark.resource.ExecutorResourceRequests;
import org.apache.spark.resource.ResourceProfile;
import org.apache.spark.resource.ResourceProfileBuilder;
import org.apache.spark.resource.TaskResourceRequests;

/**
 * What one task takes of an executor, and what executor that must be. It travels in Spark's own
 * settings, as {@code spark.tubelet.slot.NAME.*}, so that every job of the application finds it.
 *
 * @param cores of the task
 * @param gpus of the task
 * @param executor the executors it needs; empty: those that the application has
 */
record Slot(int cores, int gpus, Optional<ClusterSettings.Trainer> executor) {

  Slot(int cores, int gpus) {
    this(cores, gpus, Optional.empty());
  }

  private static String key(Slots name, String what) {
    return "spark.tubelet.slot." + name.word() + "." + what;
  }

  Map<String, String> settings(Slots name) {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put(key(name, "cores"), Integer.toString(cores));
    settings.put(key(name, "gpus"), Integer.toString(gpus));
    executor.ifPresent(
        trainer -> {
          settings.put(key(name, "executor.gpus"), Integer.toString(trainer.gpus()));
          settings.put(key(name, "executor.cores"), Integer.toString(trainer.cores()));
          settings.put(key(name, "executor.memory"), trainer.memory());
        });
    return settings;
  }

  /** The slot of this name, unless its tasks are those of Spark's default profile. */
  static Optional<Slot> read(SparkConf conf, Slots name) {
    if (!conf.contains(key(name, "cores"))) {
      return Optional.empty();
    }
    Optional<ClusterSettings.Trainer> executor =
        conf.contains(key(name, "executor.cores"))
            ? Optional.of(
                new ClusterSettings.Trainer(
                    conf.getInt(key(name, "executor.gpus"), 0),
                    conf.getInt(key(name, "executor.cores"), 1),
                    conf.get(key(name, "executor.memory"))))
            : Optional.empty();
    int cores = conf.getInt(key(name, "cores"), 1);
    return Optional.of(new Slot(cores, conf.getInt(key(name, "gpus"), 0), executor));
  }

  ResourceProfile profile(SparkConf conf) {
    TaskResourceRequests task = new TaskResourceRequests().cpus(cores);
    if (gpus > 0) {
      task.resource("gpu", gpus);
    }
    ResourceProfileBuilder builder = new ResourceProfileBuilder().require(task);
    executor.ifPresent(trainer -> builder.require(requests(trainer, conf)));
    return builder.build();
  }

  private static ExecutorResourceRequests requests(
      ClusterSettings.Trainer trainer, SparkConf conf) {
    ExecutorResourceRequests requests =
        new ExecutorResourceRequests().cores(trainer.cores()).memory(trainer.memory());
    if (trainer.gpus() > 0) {
      requests.resource(
          "gpu", trainer.gpus(), conf.get(SparkFacts.SCRIPT, ""), conf.get(SparkFacts.VENDOR, ""));
    }
    return requests;
  }
}
