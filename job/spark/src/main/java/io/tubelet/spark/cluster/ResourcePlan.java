package io.tubelet.spark.cluster;

import io.tubelet.spark.cluster.SparkFacts.Manager;
import io.tubelet.spark.failure.LayoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Which slots decoding and training get: a pure function of Spark's settings and ours, made before
 * anything is submitted.
 *
 * @param settings what Spark must be told on top of what it was told
 * @param lines for a person: who runs what
 * @param warnings what was asked for and cannot be had here
 */
public record ResourcePlan(
    Map<String, String> settings, List<String> lines, List<String> warnings) {

  /**
   * Plans, or refuses.
   *
   * @param spark Spark's settings, {@code spark.master} among them
   * @throws LayoutException with every reason why this mix cannot work
   */
  public static ResourcePlan of(Map<String, String> spark, ClusterSettings wanted, Demand demand) {
    SparkFacts facts = new SparkFacts(spark);
    if (facts.manager() == Manager.LOCAL) {
      return local(facts, wanted);
    }
    List<String> problems = new ArrayList<>(LayoutRules.problems(facts, wanted, demand));
    if (!problems.isEmpty()) {
      throw new LayoutException(problems);
    }
    Slot decode = decode(facts, wanted);
    Slot train = train(facts, wanted);
    return new ResourcePlan(
        settings(facts, wanted, demand, decode, train),
        lines(facts, wanted, demand, decode, train),
        List.of());
  }

  /** One process, one profile: what needs more is said and left out. */
  private static ResourcePlan local(SparkFacts facts, ClusterSettings wanted) {
    List<String> warnings = new ArrayList<>();
    int cores = facts.taskCores();
    if (wanted.layout() != Layout.ONE_FLEET) {
      warnings.add("cluster.layout is not heeded: local mode is one process");
    }
    if (facts.gpus() > 0) {
      warnings.add(
          SparkFacts.GPUS
              + " is not heeded: local mode assigns no GPUs; engine.device = cuda takes the first");
    }
    if (differs(wanted.decodeCores(), cores) || differs(wanted.trainCores(), cores)) {
      warnings.add(
          "cluster.decode-cores and cluster.train-cores are not heeded: in local mode every task has %s = %d"
              .formatted(SparkFacts.TASK_CORES, cores));
    }
    List<String> lines =
        List.of("one process at %s, every task has cores: %d".formatted(facts.master(), cores));
    return new ResourcePlan(Map.of(), lines, warnings);
  }

  private static boolean differs(int wanted, int cores) {
    return wanted > 0 && wanted != cores;
  }

  private static Slot decode(SparkFacts facts, ClusterSettings wanted) {
    int cores = wanted.decodeCores() > 0 ? wanted.decodeCores() : facts.taskCores();
    return new Slot(cores, 0);
  }

  private static Slot train(SparkFacts facts, ClusterSettings wanted) {
    if (wanted.layout() == Layout.TWO_FLEETS) {
      ClusterSettings.Trainer trainer = wanted.trainer();
      int tasks = Math.max(1, trainer.gpus());
      int cores = wanted.trainCores() > 0 ? wanted.trainCores() : trainer.cores() / tasks;
      return new Slot(cores, Math.min(1, trainer.gpus()), Optional.of(trainer));
    }
    return new Slot(LayoutRules.trainCores(facts, wanted), Math.min(1, facts.gpus()));
  }

  private static Map<String, String> settings(
      SparkFacts facts, ClusterSettings wanted, Demand demand, Slot decode, Slot train) {
    Map<String, String> settings = new TreeMap<>();
    switch (wanted.layout()) {
      case ONE_FLEET -> {
        if (LayoutRules.needsProfiles(facts, wanted)) {
          settings.putAll(decode.settings(Slots.DECODE));
          settings.putAll(train.settings(Slots.TRAIN));
        }
      }
      case TWO_FLEETS -> settings.putAll(train.settings(Slots.TRAIN));
      case TWO_APPLICATIONS -> {
        Slot only = demand.computes() ? train : decode;
        settings.put(SparkFacts.TASK_CORES, Integer.toString(only.cores()));
        if (only.gpus() > 0) {
          settings.put(SparkFacts.TASK_GPUS, "1");
        }
      }
    }
    return settings;
  }

  private static List<String> lines(
      SparkFacts facts, ClusterSettings wanted, Demand demand, Slot decode, Slot train) {
    List<String> lines = new ArrayList<>();
    String layout = wanted.layout().name().toLowerCase(Locale.ROOT).replace('_', '-');
    lines.add("%s at %s".formatted(layout, facts.master()));
    String executors =
        "cores: %s, memory: %s, GPUs: %d"
            .formatted(
                facts.cores().map(Object::toString).orElse("all of a worker"),
                facts.settings().getOrDefault("spark.executor.memory", "1g"),
                facts.gpus());
    lines.add("an executor: " + executors);
    if (demand.decodes()) {
      lines.add("a decoding task: cores: %d".formatted(decode.cores()));
    }
    if (demand.computes()) {
      lines.add("a training task: cores: %d, GPUs: %d".formatted(train.cores(), train.gpus()));
      train
          .executor()
          .ifPresent(
              e ->
                  lines.add(
                      "its executor: cores: %d, memory: %s, GPUs: %d"
                          .formatted(e.cores(), e.memory(), e.gpus())));
    }
    return lines;
  }
}
