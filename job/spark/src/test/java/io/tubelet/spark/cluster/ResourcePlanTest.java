package io.tubelet.spark.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tubelet.spark.files.Failure.LayoutException;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResourcePlanTest {
  /** Spark's settings from words such as {@code cores=8 gpus=2}; on YARN unless a word says. */
  private static SparkConf spark(String words) {
    Map<String, String> names =
        Map.of(
            "master", "spark.master",
            "cores", ResourcePlan.CORES,
            "gpus", ResourcePlan.GPUS,
            "script", ResourcePlan.SCRIPT,
            "vendor", ResourcePlan.VENDOR,
            "task.gpus", ResourcePlan.TASK_GPUS,
            "task.cores", ResourcePlan.TASK_CORES,
            "dynamic", ResourcePlan.DYNAMIC);
    SparkConf settings = new SparkConf(false).setMaster("yarn");
    Matcher word = Pattern.compile("(\\S+?)=(\\S+)").matcher(words);
    while (word.find()) {
      settings.set(names.get(word.group(1)), word.group(2));
    }
    return settings;
  }

  private static ResourcePlan plan(String spark, int decodeCores, int trainCores) {
    return ResourcePlan.of(spark(spark), new ResourcePlan.Wanted(decodeCores, trainCores), false);
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
  void cutsExecutorsForEachKindOfTask(
      int decode, int train, String settings, int decodeCores, int trainCores, int gpus) {
    Map<String, String> expected = new HashMap<>(Slots.DECODE.settings(decodeCores, 0));
    expected.putAll(Slots.TRAIN.settings(trainCores, gpus));
    assertThat(plan(settings, decode, train).settings()).isEqualTo(expected);
  }

  @Test
  void changesNothingWithoutGpusOrWishes() {
    ResourcePlan plan = plan("cores=8 dynamic=true", 0, 0);
    assertThat(plan.settings()).isEmpty();
    assertThat(plan.warnings()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "false | cores=8 gpus=1 script=s dynamic=true  | dynamic allocation excludes",
        "false | cores=8 gpus=1                        | cannot find their GPUs",
        "false | cores=8 gpus=1 script=s task.gpus=0.5 | one whole GPU",
        "false | cores=8 gpus=1 script=s task.gpus=2   | one whole GPU",
        "false | cores=1 gpus=2 script=s               | would stay idle",
        "false | master=spark://h:1 gpus=2             | how many cores belong to a GPU",
        "false | master=k8s://h cores=2 gpus=1 script=s | spark.executor.resource.gpu.vendor",
        "true  | cores=8                               | executors have no GPU",
      })
  void refusesWhatCannotWork(boolean cuda, String settings, String reason) {
    ResourcePlan.Wanted wanted = new ResourcePlan.Wanted(0, 0);
    assertThatThrownBy(() -> ResourcePlan.of(spark(settings), wanted, cuda))
        .isInstanceOf(LayoutException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void saysEveryReasonAtOnce() {
    assertThatThrownBy(() -> plan("gpus=1 task.gpus=2 dynamic=true", 3, 9))
        .message()
        .hasLineCount(6)
        .contains(
            "dynamic allocation", "decode-cores", "stay idle", "whole GPU", "find their GPUs");
  }

  @Test
  void localModeSaysWhatItIgnoresAndContinues() {
    ResourcePlan plan = plan("master=local[*] gpus=1", 1, 4);
    assertThat(plan.settings()).isEmpty();
    assertThat(plan.warnings())
        .hasSize(2)
        .anyMatch(warning -> warning.contains("assigns no GPUs"))
        .anyMatch(warning -> warning.contains("cluster.train-cores are ignored"));
    assertThat(plan("master=local[2]", 0, 0).warnings()).isEmpty();
  }
}
