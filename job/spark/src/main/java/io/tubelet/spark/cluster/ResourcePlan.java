package io.tubelet.spark.cluster;

import io.tubelet.spark.files.Failure.LayoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Which slots decoding and training get: a pure function of Spark's settings and ours, made before
 * anything is submitted. The same executors decode, with all their cores, and train, with one GPU a
 * task; task-level resource profiles cut the slots, which excludes dynamic allocation.
 *
 * @param settings what Spark must be told on top of what it was told
 * @param lines for a person: who runs what
 * @param warnings what was asked for and cannot be had here
 */
public record ResourcePlan(
    Map<String, String> settings, List<String> lines, List<String> warnings) {
  static final String GPUS = "spark.executor.resource.gpu.amount";
  static final String SCRIPT = "spark.executor.resource.gpu.discoveryScript";
  static final String VENDOR = "spark.executor.resource.gpu.vendor";
  static final String TASK_GPUS = "spark.task.resource.gpu.amount";
  static final String DYNAMIC = "spark.dynamicAllocation.enabled";
  static final String CORES = "spark.executor.cores";
  static final String TASK_CORES = "spark.task.cpus";

  /**
   * What a person decides about tasks.
   *
   * @param decodeCores cores of a decoding task; 0: {@code spark.task.cpus}
   * @param trainCores cores of a training task; 0: an executor's cores over its GPUs
   */
  public record Wanted(int decodeCores, int trainCores) implements java.io.Serializable {}

  /** What Spark's settings and a person's wishes come to. */
  private record Facts(Map<String, String> spark, Wanted wanted) {

    String master() {
      return spark.getOrDefault("spark.master", "local[*]");
    }

    boolean isLocal() {
      return master().startsWith("local") && !master().startsWith("local-cluster");
    }

    boolean has(String key) {
      return spark.containsKey(key);
    }

    int number(String key, int otherwise) {
      return has(key) ? Integer.parseInt(spark.get(key).trim()) : otherwise;
    }

    int gpus() {
      return number(GPUS, 0);
    }

    int taskCores() {
      return number(TASK_CORES, 1);
    }

    boolean isKubernetes() {
      return master().startsWith("k8s://");
    }

    boolean asksForGpus() {
      return isKubernetes() || master().startsWith("yarn");
    }

    /** Cores of an executor; a standalone cluster gives it all of a worker's if nobody says. */
    Optional<Integer> cores() {
      if (has(CORES)) {
        return Optional.of(number(CORES, 1));
      }
      return asksForGpus() ? Optional.of(1) : Optional.empty();
    }

    int decodeCores() {
      return wanted.decodeCores > 0 ? wanted.decodeCores : taskCores();
    }

    /** As many as belong to one GPU. */
    int trainCores() {
      if (wanted.trainCores > 0) {
        return wanted.trainCores;
      }
      return gpus() == 0
          ? taskCores()
          : cores().map(cores -> Math.max(1, cores / gpus())).orElse(taskCores());
    }

    /** Whether decoding and training want other slots than Spark's default ones. */
    boolean needsProfiles() {
      return gpus() > 0 || decodeCores() != taskCores() || trainCores() != taskCores();
    }
  }

  /**
   * Plans, or refuses.
   *
   * @param spark Spark's settings, {@code spark.master} among them
   * @param cuda whether an engine must compute on a GPU
   * @throws LayoutException with every reason why these settings cannot work
   */
  public static ResourcePlan of(Map<String, String> spark, Wanted wanted, boolean cuda) {
    Facts facts = new Facts(spark, wanted);
    if (facts.isLocal()) {
      return local(facts);
    }
    List<String> problems = problems(facts, cuda);
    if (!problems.isEmpty()) {
      throw new LayoutException(problems);
    }
    int gpus = Math.min(1, facts.gpus());
    Map<String, String> settings = new TreeMap<>();
    if (facts.needsProfiles()) {
      settings.putAll(Slots.DECODE.settings(facts.decodeCores(), 0));
      settings.putAll(Slots.TRAIN.settings(facts.trainCores(), gpus));
    }
    List<String> lines =
        List.of(
            "an executor at %s: cores: %s, memory: %s, GPUs: %d"
                .formatted(
                    facts.master(),
                    facts.cores().map(Object::toString).orElse("all of a worker"),
                    spark.getOrDefault("spark.executor.memory", "1g"),
                    facts.gpus()),
            "a decoding task: cores: %d".formatted(facts.decodeCores()),
            "a training task: cores: %d, GPUs: %d".formatted(facts.trainCores(), gpus));
    return new ResourcePlan(settings, lines, List.of());
  }

  /** One process, one profile: what needs more is said and ignored. */
  private static ResourcePlan local(Facts facts) {
    List<String> warnings = new ArrayList<>();
    if (facts.gpus() > 0) {
      warnings.add(
          GPUS + " is ignored: local mode assigns no GPUs; engine.device = cuda takes the first");
    }
    int cores = facts.taskCores();
    if (facts.decodeCores() != cores
        || (facts.wanted.trainCores > 0 && facts.wanted.trainCores != cores)) {
      warnings.add(
          "cluster.decode-cores and cluster.train-cores are ignored: in local mode every task has %s = %d"
              .formatted(TASK_CORES, cores));
    }
    List<String> lines =
        List.of("one process at %s, every task has cores: %d".formatted(facts.master(), cores));
    return new ResourcePlan(Map.of(), lines, warnings);
  }

  private static List<String> problems(Facts facts, boolean cuda) {
    List<String> problems = new ArrayList<>();
    int gpus = facts.gpus();
    if (facts.needsProfiles() && Boolean.parseBoolean(facts.spark.get(DYNAMIC))) {
      problems.add(
          "slots are cut for tasks, which dynamic allocation excludes: set %s = false"
              .formatted(DYNAMIC));
    }
    if (gpus > 0 && facts.cores().isEmpty() && facts.wanted.trainCores == 0) {
      problems.add(
          "how many cores belong to a GPU is unknown: set %s, or cluster.train-cores"
              .formatted(CORES));
    }
    facts.cores().ifPresent(cores -> requireRoom(facts, cores, problems));
    if (cuda && gpus == 0) {
      problems.add("engine.device = cuda, but executors have no GPU: set " + GPUS);
    }
    if (gpus > 0 && facts.has(TASK_GPUS) && Double.parseDouble(facts.spark.get(TASK_GPUS)) != 1) {
      problems.add(
          "%s = %s: a replica has one whole GPU, set 1 or nothing"
              .formatted(TASK_GPUS, facts.spark.get(TASK_GPUS)));
    }
    if (gpus > 0 && facts.asksForGpus() && !facts.has(SCRIPT)) {
      problems.add(
          "executors cannot find their GPUs: set %s, such as deploy/gpus.sh".formatted(SCRIPT));
    }
    if (gpus > 0 && facts.isKubernetes() && !facts.has(VENDOR)) {
      problems.add("Kubernetes names GPUs by vendor: set %s = nvidia.com".formatted(VENDOR));
    }
    return problems;
  }

  private static void requireRoom(Facts facts, int cores, List<String> problems) {
    if (facts.wanted.decodeCores > cores) {
      problems.add(
          "cluster.decode-cores = %d, an executor has %d (%s)"
              .formatted(facts.wanted.decodeCores, cores, CORES));
    }
    int tasks = Math.max(1, facts.gpus());
    if (facts.trainCores() * tasks > cores) {
      problems.add(
          "GPUs would stay idle: %d training tasks of %d cores do not fit an executor of %d (%s, cluster.train-cores)"
              .formatted(tasks, facts.trainCores(), cores, CORES));
    }
  }
}
