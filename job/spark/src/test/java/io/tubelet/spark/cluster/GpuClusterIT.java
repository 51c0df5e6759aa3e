package io.tubelet.spark.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.engine.Placement;
import io.tubelet.engine.Placement.Device;
import io.tubelet.engine.Placement.Precision;
import io.tubelet.model.ModelSize;
import io.tubelet.spark.LocalSpark;
import io.tubelet.spark.LoopbackCluster;
import io.tubelet.spark.train.EnginePool;
import io.tubelet.train.LearningRate;
import io.tubelet.train.Optimizer;
import io.tubelet.train.Training;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.spark.SparkConf;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * GPUs that are not there, on a real Master and Worker: Spark believes the discovery script. The
 * worker claims cards 3 and 7, so that a fixed 0 would be seen.
 */
class GpuClusterIT {
  @TempDir private static Path folder;
  private static LoopbackCluster cluster;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    LocalSpark.session().stop(); // a process has one Spark only
    cluster = LoopbackCluster.start(folder, Map.of("LOOPBACK_GPUS", "3 7"), "1", "3", "3g");
  }

  @AfterAll
  static void stop() throws IOException {
    cluster.close();
  }

  /** The job's libraries, and the engine that only claims to have cards. */
  private static String executorClassPath() {
    return LoopbackCluster.LIB + "/*:" + Path.of("target/test-classes").toAbsolutePath();
  }

  /** What a task was given. */
  private record Given(int cores, List<String> gpus, long start, long end) implements Serializable {

    static Given here() throws InterruptedException {
      long start = System.currentTimeMillis();
      Thread.sleep(1500);
      TaskContext task = TaskContext.get();
      var gpus = task.resourcesJMap().get("gpu");
      List<String> addresses = gpus == null ? List.of() : Arrays.asList(gpus.addresses());
      return new Given(task.cpus(), new ArrayList<>(addresses), start, System.currentTimeMillis());
    }

    boolean besides(Given other) {
      return start < other.end && other.start < end;
    }
  }

  private static SparkConf conf(ResourcePlan.Wanted wanted, Map<String, String> settings) {
    SparkConf conf =
        new SparkConf()
            .setMaster(cluster.master())
            .setAppName("gpus")
            .set("spark.driver.host", "127.0.0.1")
            .set("spark.ui.enabled", "false")
            .set("spark.log.level", "WARN")
            .set("spark.plugins", ClusterPlugin.class.getName())
            .set("spark.executor.extraClassPath", executorClassPath())
            .set("spark.executor.memory", "1g")
            .setExecutorEnv("OMP_NUM_THREADS", "1")
            .setExecutorEnv(RecordingEngine.CLAIM, "2");
    settings.forEach(conf::set);
    ResourcePlan.of(conf, wanted, true).settings().forEach(conf::set);
    return conf;
  }

  @Test
  void cutsExecutorsIntoSlotsAndGivesEachTrainingTaskACardOfItsOwn() {
    ResourcePlan.Wanted wanted = new ResourcePlan.Wanted(2, 0);
    SparkConf conf = conf(wanted, Map.of(ResourcePlan.CORES, "2", ResourcePlan.GPUS, "2"));
    try (JavaSparkContext spark = new JavaSparkContext(conf)) {
      JavaRDD<Integer> two = spark.parallelize(List.of(1, 2), 2);
      List<Given> decoding = Slots.DECODE.of(two).map(one -> Given.here()).collect();
      assertThat(decoding).allMatch(given -> given.cores == 2 && given.gpus.isEmpty());
      assertThat(decoding.get(0).besides(decoding.get(1))).isFalse();

      List<Given> training = Slots.TRAIN.of(two).map(one -> Given.here()).collect();
      assertThat(training).allMatch(given -> given.cores == 1);
      assertThat(training)
          .extracting(Given::gpus)
          .containsExactlyInAnyOrder(List.of("3"), List.of("7"));
      assertThat(training.get(0).besides(training.get(1))).isTrue();

      EnginePool.Order order = order();
      assertThat(Slots.TRAIN.haveGpus(spark.getConf())).isTrue();
      List<String> engines = Slots.TRAIN.of(two).map(one -> where(order)).collect();
      assertThat(engines)
          .containsExactlyInAnyOrder("cuda:0 of 3,7, 1 threads", "cuda:1 of 3,7, 1 threads");
    }
  }

  private static EnginePool.Order order() {
    Training training =
        new Training(
            ModelSize.TINY.pretraining(new ClipGeometry(4, 8, 8, 2, 4)),
            new Optimizer.Sgd(),
            LearningRate.constant(0));
    return new EnginePool.Order(
        "auto", training, new Placement(Device.TASKS_CARD, Precision.FP32, 0));
  }

  private static String where(EnginePool.Order order) {
    return EnginePool.with(
        order,
        engine -> {
          try {
            Thread.sleep(1000); // so that the other task needs an engine too
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
          return ((RecordingEngine) engine).where();
        });
  }

  @Test
  void trainsOneReplicaOnEachCardAsSubmitted() throws IOException, InterruptedException {
    Path recordings = Files.createDirectory(folder.resolve("recordings"));
    for (String verb : List.of("prepare", "pretrain")) {
      cluster.submit(options(recordings), verb, cluster.tiny()).requireDone();
    }
    assertThat(recorded(recordings))
        .containsExactlyInAnyOrder("cuda:0 of 3, 1 threads", "cuda:0 of 7, 1 threads");
  }

  /** Two executors with a card each. */
  private static Map<String, String> options(Path recordings) {
    Map<String, String> settings =
        Map.of(
            "spark.executor.cores",
            "1",
            "spark.executor.memory",
            "1g",
            ResourcePlan.GPUS,
            "1",
            "spark.executor.extraClassPath",
            executorClassPath(),
            "spark.executorEnv." + RecordingEngine.CLAIM,
            "1",
            "spark.executorEnv." + RecordingEngine.FOLDER,
            recordings.toString());
    return Map.of(
        "TUBELET_SPARK_OPTIONS",
        settings.entrySet().stream()
            .map(setting -> "--conf " + setting)
            .collect(Collectors.joining(" ")));
  }

  private static List<String> recorded(Path folder) throws IOException {
    List<String> recorded = new ArrayList<>();
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        recorded.add(Files.readString(file));
      }
    }
    return recorded;
  }
}
