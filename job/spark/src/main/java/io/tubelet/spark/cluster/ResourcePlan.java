package io.tubelet.spark.cluster;

import io.tubelet.spark.files.Failure.LayoutException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.SparkConf;

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

  /**
   * Plans, or refuses.
   *
   * @param cuda whether an engine must compute on a GPU
   * @throws LayoutException with every reason why these settings cannot work
   */
  public static ResourcePlan of(SparkConf spark, Wanted wanted, boolean cuda) {
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
                    facts.cores() == 0 ? "all of a worker" : facts.cores(),
                    spark.get("spark.executor.memory", "1g"),
                    facts.gpus()),
            "a decoding task: cores: %d".formatted(facts.decodeCores()),
            "a training task: cores: %d, GPUs: %d".formatted(facts.trainCores(), gpus));
    return new ResourcePlan(settings, lines, List.of());
  }

  /** What Spark's settings and a person's wishes come to. */
  private record Facts(SparkConf spark, Wanted wanted) {

    String master() {
      return spark.get("spark.master", "local[*]");
    }

    boolean isLocal() {
      return master().startsWith("local") && !master().startsWith("local-cluster");
    }

    boolean isKubernetes() {
      return master().startsWith("k8s://");
    }

    boolean asksForExecutors() {
      return isKubernetes() || master().startsWith("yarn");
    }

    int gpus() {
      return spark.getInt(GPUS, 0);
    }

    int taskCores() {
      return spark.getInt(TASK_CORES, 1);
    }

    /** Cores of an executor; 0: all of a worker's, which a standalone cluster gives unasked. */
    int cores() {
      return spark.getInt(CORES, asksForExecutors() ? 1 : 0);
    }

    int decodeCores() {
      return wanted.decodeCores > 0 ? wanted.decodeCores : taskCores();
    }

    /** As many as belong to one GPU. */
    int trainCores() {
      if (wanted.trainCores > 0) {
        return wanted.trainCores;
      }
      return gpus() == 0 || cores() == 0 ? taskCores() : Math.max(1, cores() / gpus());
    }

    /** Whether decoding and training want other slots than Spark's default ones. */
    boolean needsProfiles() {
      return gpus() > 0 || decodeCores() != taskCores() || trainCores() != taskCores();
    }
  }

  /** One process, one profile: what needs more is said and ignored. */
  private static ResourcePlan local(Facts facts) {
    List<String> warnings = new ArrayList<>();
    int cores = facts.taskCores();
    int train = facts.wanted.trainCores;
    if (facts.gpus() > 0) {
      warnings.add(
          GPUS + " is ignored: local mode assigns no GPUs; engine.device = cuda takes the first");
    }
    if (facts.decodeCores() != cores || (train > 0 && train != cores)) {
      warnings.add(
          "cluster.decode-cores and cluster.train-cores are ignored: in local mode every task has %s = %d"
              .formatted(TASK_CORES, cores));
    }
    List<String> lines =
        List.of("one process at %s, every task has cores: %d".formatted(facts.master(), cores));
    return new ResourcePlan(Map.of(), lines, warnings);
  }

  private static List<String> problems(Facts facts, boolean cuda) {
    SparkConf spark = facts.spark;
    int cores = facts.cores();
    int gpus = facts.gpus();
    int tasks = Math.max(1, gpus);
    Map<String, Boolean> problems = new LinkedHashMap<>();
    problems.put(
        "slots are cut for tasks, which dynamic allocation excludes: set " + DYNAMIC + " = false",
        facts.needsProfiles() && spark.getBoolean(DYNAMIC, false));
    problems.put(
        "how many cores belong to a GPU is unknown: set " + CORES + ", or cluster.train-cores",
        gpus > 0 && cores == 0 && facts.wanted.trainCores == 0);
    problems.put(
        "cluster.decode-cores = %d, an executor has %d (%s)"
            .formatted(facts.wanted.decodeCores, cores, CORES),
        cores > 0 && facts.wanted.decodeCores > cores);
    problems.put(
        "GPUs would stay idle: %d training tasks of %d cores do not fit an executor of %d (%s, cluster.train-cores)"
            .formatted(tasks, facts.trainCores(), cores, CORES),
        cores > 0 && facts.trainCores() * tasks > cores);
    problems.put("engine.device = cuda, but executors have no GPU: set " + GPUS, cuda && gpus == 0);
    problems.put(
        "%s = %s: a replica has one whole GPU, set 1 or nothing"
            .formatted(TASK_GPUS, spark.get(TASK_GPUS, "")),
        gpus > 0 && spark.getDouble(TASK_GPUS, 1) != 1);
    problems.put(
        "executors cannot find their GPUs: set " + SCRIPT + ", such as deploy/gpus.sh",
        gpus > 0 && facts.asksForExecutors() && !spark.contains(SCRIPT));
    problems.put(
        "Kubernetes names GPUs by vendor: set " + VENDOR + " = nvidia.com",
        gpus > 0 && facts.isKubernetes() && !spark.contains(VENDOR));
    problems.values().removeIf(there -> !there);
    return List.copyOf(problems.keySet());
  }
}
