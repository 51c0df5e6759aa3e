package io.tubelet.spark.cluster;

import java.util.Map;
import java.util.Optional;

/**
 * What Spark's own settings say of a cluster.
 *
 * @param settings Spark's settings by key
 */
record SparkFacts(Map<String, String> settings) {
  static final String GPUS = "spark.executor.resource.gpu.amount";
  static final String SCRIPT = "spark.executor.resource.gpu.discoveryScript";
  static final String VENDOR = "spark.executor.resource.gpu.vendor";
  static final String TASK_GPUS = "spark.task.resource.gpu.amount";
  static final String DYNAMIC = "spark.dynamicAllocation.enabled";
  static final String TRACKING = "spark.dynamicAllocation.shuffleTracking.enabled";
  static final String SERVICE = "spark.shuffle.service.enabled";
  static final String CORES = "spark.executor.cores";
  static final String TASK_CORES = "spark.task.cpus";

  /** Who gives Spark its machines. */
  enum Manager {
    LOCAL,
    LOCAL_CLUSTER,
    STANDALONE,
    YARN,
    KUBERNETES
  }

  String master() {
    return settings.getOrDefault("spark.master", "local[*]");
  }

  Manager manager() {
    String master = master();
    if (master.startsWith("local-cluster")) {
      return Manager.LOCAL_CLUSTER;
    } else if (master.startsWith("spark://")) {
      return Manager.STANDALONE;
    } else if (master.startsWith("yarn")) {
      return Manager.YARN;
    } else if (master.startsWith("k8s://")) {
      return Manager.KUBERNETES;
    }
    return Manager.LOCAL;
  }

  boolean has(String key) {
    return settings.containsKey(key);
  }

  boolean on(String key, boolean otherwise) {
    return Boolean.parseBoolean(settings.getOrDefault(key, Boolean.toString(otherwise)));
  }

  int number(String key, int otherwise) {
    return Integer.parseInt(settings.getOrDefault(key, Integer.toString(otherwise)).trim());
  }

  int gpus() {
    return number(GPUS, 0);
  }

  int taskCores() {
    return number(TASK_CORES, 1);
  }

  /** Cores of an executor; a standalone cluster gives it all of a worker's if nobody says. */
  Optional<Integer> cores() {
    if (has(CORES)) {
      return Optional.of(number(CORES, 1));
    }
    return switch (manager()) {
      case YARN, KUBERNETES -> Optional.of(1);
      case LOCAL, LOCAL_CLUSTER, STANDALONE -> Optional.empty();
    };
  }
}
