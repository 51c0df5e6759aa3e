package io.tubelet.spark.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tubelet.spark.failure.LayoutException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResourcePlanTest {
  private static final Demand PREPARE = new Demand("prepare", true, false, false);
  private static final Demand PRETRAIN = new Demand("pretrain", false, true, false);
  private static final Demand PIPELINE = new Demand("pipeline", true, true, false);

  /** Settings of a layout, with trainers of two GPUs and eight cores. */
  private static ClusterSettings wanted(Layout layout, int decodeCores, int trainCores) {
    ClusterSettings.Trainer trainer = new ClusterSettings.Trainer(2, 8, "20g");
    return new ClusterSettings(layout, decodeCores, trainCores, trainer);
  }

  /** Spark's settings from words such as {@code cores=8 gpus=2}; on YARN unless a word says. */
  private static Map<String, String> spark(String words) {
    Map<String, String> names =
        Map.of(
            "master", "spark.master",
            "cores", SparkFacts.CORES,
            "gpus", SparkFacts.GPUS,
            "script", SparkFacts.SCRIPT,
            "vendor", SparkFacts.VENDOR,
            "task.gpus", SparkFacts.TASK_GPUS,
            "task.cores", SparkFacts.TASK_CORES,
            "dynamic", SparkFacts.DYNAMIC,
            "tracking", SparkFacts.TRACKING,
            "service", SparkFacts.SERVICE);
    Map<String, String> settings = new HashMap<>(Map.of("spark.master", "yarn"));
    Matcher word = Pattern.compile("(\\S+?)=(\\S+)").matcher(words);
    while (word.find()) {
      settings.put(names.get(word.group(1)), word.group(2));
    }
    return settings;
  }

  private static Optional<Slot> slot(ResourcePlan plan, Slots name) {
    SparkConf conf = new SparkConf(false);
    plan.settings().forEach(conf::set);
    return Slot.read(conf, name);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // decode cores, train cores | Spark | slots: decoding cores, training cores and GPUs
        "0 | 0 | cores=8 gpus=2 script=s                   | 1 | 4 | 1",
        "2 | 0 | cores=8 gpus=1 script=s                   | 2 | 8 | 1",
        "0 | 6 | cores=8 gpus=1 script=s task.gpus=1       | 1 | 6 | 1",
        "1 | 8 | cores=8                                   | 1 | 8 | 0",
        "0 | 4 | master=spark://h:1 gpus=2                 | 1 | 4 | 1",
        "0 | 0 | master=k8s://h cores=4 gpus=1 script=s vendor=v task.cores=2 | 2 | 4 | 1",
      })
  void oneFleetCutsItsExecutorsForEachKindOfTask(
      int decode, int train, String settings, int decodeCores, int trainCores, int gpus) {
    ResourcePlan plan =
        ResourcePlan.of(spark(settings), wanted(Layout.ONE_FLEET, decode, train), PIPELINE);
    assertThat(slot(plan, Slots.DECODE)).contains(new Slot(decodeCores, 0));
    assertThat(slot(plan, Slots.TRAIN)).contains(new Slot(trainCores, gpus));
  }

  @Test
  void oneFleetWithoutGpusOrWishesChangesNothing() {
    ResourcePlan plan =
        ResourcePlan.of(spark("cores=8 dynamic=true"), wanted(Layout.ONE_FLEET, 0, 0), PIPELINE);
    assertThat(plan.settings()).isEmpty();
    assertThat(plan.warnings()).isEmpty();
  }

  @Test
  void twoFleetsAskForTrainersOfTheirOwn() {
    ResourcePlan plan =
        ResourcePlan.of(
            spark("cores=16 dynamic=true script=/s.sh"), wanted(Layout.TWO_FLEETS, 0, 0), PIPELINE);
    assertThat(slot(plan, Slots.DECODE)).isEmpty();
    Slot train = slot(plan, Slots.TRAIN).orElseThrow();
    assertThat(train.cores()).isEqualTo(4);
    assertThat(train.gpus()).isEqualTo(1);
    assertThat(train.executor()).contains(new ClusterSettings.Trainer(2, 8, "20g"));
    assertThat(plan.lines())
        .contains(
            "a training task: cores: 4, GPUs: 1", "its executor: cores: 8, memory: 20g, GPUs: 2");
  }

  @Test
  void aFullProfileAsksSparkForTheTrainersGpusByTheDiscoveryScript() {
    SparkConf conf = new SparkConf(false).set(SparkFacts.SCRIPT, "/s.sh");
    var profile =
        new Slot(4, 1, Optional.of(new ClusterSettings.Trainer(2, 8, "20g"))).profile(conf);
    var gpus = profile.executorResources().apply("gpu");
    assertThat(gpus.amount()).isEqualTo(2);
    assertThat(gpus.discoveryScript()).isEqualTo("/s.sh");
    assertThat(profile.executorResources().apply("cores").amount()).isEqualTo(8);
    assertThat(profile.taskResources().apply("cpus").amount()).isEqualTo(4);
    assertThat(profile.taskResources().apply("gpu").amount()).isEqualTo(1);
  }

  @Test
  void twoApplicationsSetSparksOwnSlots() {
    ClusterSettings wanted = wanted(Layout.TWO_APPLICATIONS, 2, 0);
    assertThat(ResourcePlan.of(spark("cores=8"), wanted, PREPARE).settings())
        .isEqualTo(Map.of(SparkFacts.TASK_CORES, "2"));
    assertThat(ResourcePlan.of(spark("cores=8 gpus=2 script=s"), wanted, PRETRAIN).settings())
        .isEqualTo(Map.of(SparkFacts.TASK_CORES, "4", SparkFacts.TASK_GPUS, "1"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ONE_FLEET  | pipeline | cores=8 gpus=1 script=s dynamic=true  | dynamic allocation excludes",
        "ONE_FLEET  | pretrain | cores=8 gpus=1                        | cannot find their GPUs",
        "ONE_FLEET  | pretrain | cores=8 gpus=1 script=s task.gpus=0.5 | one whole GPU",
        "ONE_FLEET  | pretrain | cores=8 gpus=1 script=s task.gpus=2   | one whole GPU",
        "ONE_FLEET  | pretrain | cores=1 gpus=2 script=s               | would stay idle",
        "ONE_FLEET  | pretrain | master=spark://h:1 gpus=2             | how many cores belong to a GPU",
        "ONE_FLEET  | pretrain | master=k8s://h cores=2 gpus=1 script=s | spark.executor.resource.gpu.vendor",
        "ONE_FLEET  | cuda     | cores=8                               | executors have no GPU",
        "TWO_FLEETS | pipeline | cores=8 script=s                      | dynamicAllocation.enabled = true",
        "TWO_FLEETS | pipeline | dynamic=true script=s tracking=false  | must outlive executors",
        "TWO_FLEETS | pipeline | dynamic=true script=s gpus=1          | executors that decode need no GPU",
        "TWO_FLEETS | pipeline | dynamic=true                          | cannot find their GPUs",
        "TWO_FLEETS | pipeline | master=local-cluster[2,2,1024] dynamic=true | needs a real cluster",
        "TWO_APPLICATIONS | pipeline | cores=8                         | submit prepare and the training verbs apart",
        "TWO_APPLICATIONS | prepare  | cores=8 gpus=1 script=s         | uses no GPU",
      })
  void refusesWhatCannotWork(Layout layout, String verb, String settings, String reason) {
    Demand demand =
        switch (verb) {
          case "prepare" -> PREPARE;
          case "pretrain" -> PRETRAIN;
          case "cuda" -> new Demand("pretrain", false, true, true);
          default -> PIPELINE;
        };
    assertThatThrownBy(() -> ResourcePlan.of(spark(settings), wanted(layout, 0, 0), demand))
        .isInstanceOf(LayoutException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void saysEveryReasonAtOnce() {
    assertThatThrownBy(
            () ->
                ResourcePlan.of(
                    spark("gpus=1 task.gpus=1"), wanted(Layout.TWO_FLEETS, 3, 9), PIPELINE))
        .message()
        .hasLineCount(6)
        .contains(
            "dynamicAllocation", "need no GPU", "decode-cores", "stay idle", "find their GPUs");
  }

  @Test
  void localModeSaysWhatItCannotHeedAndGoesOn() {
    ResourcePlan plan =
        ResourcePlan.of(spark("master=local[*] gpus=1"), wanted(Layout.TWO_FLEETS, 1, 4), PIPELINE);
    assertThat(plan.settings()).isEmpty();
    assertThat(plan.warnings())
        .hasSize(3)
        .anyMatch(warning -> warning.contains("cluster.layout is not heeded"))
        .anyMatch(warning -> warning.contains("assigns no GPUs"))
        .anyMatch(warning -> warning.contains("cluster.train-cores are not heeded"));
    assertThat(
            ResourcePlan.of(spark("master=local[2]"), wanted(Layout.ONE_FLEET, 0, 0), PIPELINE)
                .warnings())
        .isEmpty();
  }
}
