package io.tubelet.spark.cluster;

import static io.tubelet.spark.cluster.SparkFacts.CORES;
import static io.tubelet.spark.cluster.SparkFacts.DYNAMIC;
import static io.tubelet.spark.cluster.SparkFacts.GPUS;
import static io.tubelet.spark.cluster.SparkFacts.SCRIPT;
import static io.tubelet.spark.cluster.SparkFacts.SERVICE;
import static io.tubelet.spark.cluster.SparkFacts.TASK_CORES;
import static io.tubelet.spark.cluster.SparkFacts.TASK_GPUS;
import static io.tubelet.spark.cluster.SparkFacts.TRACKING;
import static io.tubelet.spark.cluster.SparkFacts.VENDOR;

import io.tubelet.spark.cluster.SparkFacts.Manager;
import java.util.ArrayList;
import java.util.List;

/** Which mixes of Spark's settings and a layout cannot work, and why; one line each. */
final class LayoutRules {
  private LayoutRules() {}

  static List<String> problems(SparkFacts facts, ClusterSettings wanted, Demand demand) {
    Problems problems = new Problems();
    switch (wanted.layout()) {
      case ONE_FLEET -> oneFleet(facts, wanted, problems);
      case TWO_FLEETS -> twoFleets(facts, wanted, problems);
      case TWO_APPLICATIONS -> twoApplications(facts, demand, problems);
    }
    boolean trainers = wanted.layout() == Layout.TWO_FLEETS;
    int gpus = trainers ? wanted.trainer().gpus() : facts.gpus();
    problems.add(
        demand.cuda() && demand.computes() && gpus == 0,
        "engine.device = cuda, but executors have no GPU: set "
            + (trainers ? "cluster.trainer.gpus" : GPUS));
    if (gpus > 0) {
      discovery(facts, problems);
      problems.add(
          facts.has(TASK_GPUS) && Double.parseDouble(facts.settings().get(TASK_GPUS)) != 1,
          "%s = %s: a replica has one whole GPU, set 1 or nothing"
              .formatted(TASK_GPUS, facts.settings().get(TASK_GPUS)));
    }
    return problems.list;
  }

  private static void oneFleet(SparkFacts facts, ClusterSettings wanted, Problems problems) {
    problems.add(
        needsProfiles(facts, wanted) && facts.on(DYNAMIC, false),
        "cluster.layout = one-fleet cuts slots for tasks, which dynamic allocation excludes: set %s = false, or cluster.layout = two-fleets"
            .formatted(DYNAMIC));
    boolean known = facts.cores().isPresent() || wanted.trainCores() > 0;
    problems.add(
        facts.gpus() > 0 && !known,
        "how many cores belong to a GPU is unknown: set %s, or cluster.train-cores"
            .formatted(CORES));
    facts.cores().ifPresent(cores -> fits(facts, wanted, cores, problems));
  }

  private static void fits(SparkFacts facts, ClusterSettings wanted, int cores, Problems problems) {
    int train = trainCores(facts, wanted);
    problems.add(
        wanted.decodeCores() > cores,
        "cluster.decode-cores = %d, an executor has %d (%s)"
            .formatted(wanted.decodeCores(), cores, CORES));
    problems.add(
        train * Math.max(1, facts.gpus()) > cores,
        "GPUs would stay idle: %d training tasks of %d cores do not fit an executor of %d (%s, cluster.train-cores)"
            .formatted(Math.max(1, facts.gpus()), train, cores, CORES));
  }

  private static void twoFleets(SparkFacts facts, ClusterSettings wanted, Problems problems) {
    problems.add(
        facts.manager() == Manager.LOCAL_CLUSTER,
        "cluster.layout = two-fleets needs a real cluster: spark://, yarn or k8s://");
    problems.add(
        !facts.on(DYNAMIC, false),
        "cluster.layout = two-fleets needs %s = true: executors come and go".formatted(DYNAMIC));
    problems.add(
        !facts.on(TRACKING, true) && !facts.on(SERVICE, false),
        "averages travel through the shuffle, which must outlive executors: set %s or %s to true"
            .formatted(TRACKING, SERVICE));
    problems.add(
        facts.gpus() > 0 || facts.has(TASK_GPUS),
        "executors that decode need no GPU: unset %s and %s; cluster.trainer.gpus says what trainers have"
            .formatted(GPUS, TASK_GPUS));
    problems.add(
        wanted.decodeCores() > 0 && wanted.decodeCores() != facts.taskCores(),
        "with cluster.layout = two-fleets decoding tasks have %s = %d: set that instead of cluster.decode-cores"
            .formatted(TASK_CORES, facts.taskCores()));
    int tasks = Math.max(1, wanted.trainer().gpus());
    problems.add(
        Math.max(1, wanted.trainCores()) * tasks > wanted.trainer().cores(),
        "GPUs would stay idle: %d training tasks do not fit cluster.trainer.cores = %d"
            .formatted(tasks, wanted.trainer().cores()));
  }

  private static void twoApplications(SparkFacts facts, Demand demand, Problems problems) {
    problems.add(
        demand.decodes() && demand.computes(),
        "cluster.layout = two-applications: submit prepare and the training verbs apart, not `%s`"
            .formatted(demand.verb()));
    problems.add(
        demand.decodes() && !demand.computes() && facts.gpus() > 0,
        "`%s` uses no GPU: submit it without %s".formatted(demand.verb(), GPUS));
  }

  private static void discovery(SparkFacts facts, Problems problems) {
    boolean asks = facts.manager() == Manager.YARN || facts.manager() == Manager.KUBERNETES;
    problems.add(
        asks && !facts.has(SCRIPT),
        "executors cannot find their GPUs: set %s, such as deploy/gpus.sh".formatted(SCRIPT));
    problems.add(
        facts.manager() == Manager.KUBERNETES && !facts.has(VENDOR),
        "Kubernetes names GPUs by vendor: set %s = nvidia.com".formatted(VENDOR));
  }

  /** Whether decoding and training want other slots than Spark's default ones. */
  static boolean needsProfiles(SparkFacts facts, ClusterSettings wanted) {
    int decode = wanted.decodeCores() > 0 ? wanted.decodeCores() : facts.taskCores();
    return facts.gpus() > 0
        || decode != facts.taskCores()
        || trainCores(facts, wanted) != facts.taskCores();
  }

  /** Cores of a training task: as many as belong to one GPU. */
  static int trainCores(SparkFacts facts, ClusterSettings wanted) {
    if (wanted.trainCores() > 0) {
      return wanted.trainCores();
    }
    return facts.gpus() == 0
        ? facts.taskCores()
        : facts.cores().map(cores -> Math.max(1, cores / facts.gpus())).orElse(facts.taskCores());
  }

  /** What is wrong so far. */
  private static final class Problems {
    private final List<String> list = new ArrayList<>();

    void add(boolean broken, String message) {
      if (broken) {
        list.add(message);
      }
    }
  }
}
