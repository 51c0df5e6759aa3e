package io.tubelet.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tubelet.engine.EngineProvider;
import io.tubelet.engine.Placement;
import io.tubelet.engine.Placement.Device;
import io.tubelet.engine.Placement.Precision;
import io.tubelet.engine.torch.TorchEngineProvider;
import io.tubelet.spark.cluster.ClusterPlugin;
import io.tubelet.spark.config.JobConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BenchStageTest {
  private static final List<String> SMALL =
      List.of(
          "bench.sizes=[tiny]",
          "bench.pretrain-batches=[2]",
          "bench.finetune-batches=[3]",
          "model.geometry.height=32",
          "model.geometry.width=32");

  @TempDir private Path folder;

  private static JobConfig config(String file, String... settings) {
    List<String> all = new ArrayList<>(List.of(settings));
    all.addAll(file.isEmpty() ? SMALL : List.of());
    return JobConfig.load(file, all, new Configuration(false));
  }

  private static SparkSession session() {
    return SparkSession.builder()
        .master("local[2]")
        .appName("tests")
        .config("spark.ui.enabled", false)
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.log.level", "WARN")
        .config("spark.plugins", ClusterPlugin.NAME)
        .getOrCreate();
  }

  /** What the default stands for on this processor. */
  private static String fastest(String engine) {
    Placement automatic = Placement.ONE_THREAD.in(Precision.AUTO);
    return EngineProvider.find(engine, Device.CPU).settle(automatic).precision().toString();
  }

  @ParameterizedTest
  @ValueSource(strings = {"torch", "nd4j"})
  void writesEveryFigureOfEitherEngineUnderItsKey(String engine)
      throws IOException, InterruptedException {
    Path file = folder.resolve("bench.json");
    JobConfig config = config("", "engine.name=" + engine, "bench.json=" + file);
    try (SparkSession spark = session()) {
      new BenchStage().run(config, spark);
    }
    JsonNode cases = new ObjectMapper().readTree(file.toFile()).get("cases");
    assertThat(cases).hasSize(3);
    for (JsonNode figure : List.of(cases.get(0), cases.get(1))) {
      assertThat(figure.get("kind").asText()).isEqualTo("steps");
      assertThat(figure.get("engine").asText()).isEqualTo(engine);
      assertThat(figure.get("device").asText()).isEqualTo("cpu");
      assertThat(figure.get("precision").asText()).isEqualTo(fastest(engine));
      for (String key :
          List.of("gemm_gflops", "step_gflops", "step_to_gemm", "clips_per_second", "peak_bytes")) {
        assertThat(figure.get(key).asDouble()).as(key).isPositive();
      }
      assertThat(figure.get("wait_share").asDouble()).isBetween(0.0, 1.0);
      long peak = figure.get("peak_bytes").asLong();
      assertThat(peak).isGreaterThan(1L << 20);
      assertThat(figure.get("peak_bytes_per_clip").asLong()).isBetween(0L, peak);
    }
    assertThat(cases.get(0).get("model").asText()).isEqualTo("tiny pretraining");
    assertThat(cases.get(0).get("batch").asInt()).isEqualTo(2);
    assertThat(cases.get(1).get("model").asText()).isEqualTo("tiny classification");
    JsonNode rounds = cases.get(2);
    assertThat(rounds.get("kind").asText()).isEqualTo("rounds");
    assertThat(rounds.get("replicas").asInt()).isEqualTo(2);
    for (String key :
        List.of("steps_to_round", "clips_per_second", "step_seconds", "average_seconds")) {
      assertThat(rounds.get(key).asDouble()).as(key).isPositive();
    }
  }

  /** Two tasks: each sends half of its gradient, and then its half of the mean. */
  @Test
  void timesMeetingsOfReplicasNextToTheModel() throws IOException, InterruptedException {
    Path file = folder.resolve("bench.json");
    JobConfig config = config("", "bench.replicas=[2]", "bench.json=" + file);
    try (SparkSession spark = session()) {
      new BenchStage().run(config, spark);
      JobConfig three = config("", "bench.replicas=[2, 3]");
      assertThatThrownBy(() -> new BenchStage().run(three, spark)).hasMessageContaining("local[3]");
    }
    JsonNode cases = new ObjectMapper().readTree(file.toFile()).get("cases");
    assertThat(cases).hasSize(1);
    JsonNode meetings = cases.get(0);
    double bytes = 2.0 * Float.BYTES * meetings.get("parameters").asLong();
    assertThat(meetings.get("modelled_sent_bytes").asDouble()).isEqualTo(bytes);
    assertThat(meetings.get("sent_bytes").asDouble()).isBetween(bytes, 1.2 * bytes + 100_000);
    for (String key :
        List.of(
            "average_seconds", "modelled_average_seconds", "driver_cpu_seconds", "heap_bytes")) {
      assertThat(meetings.get(key).asDouble()).as(key).isPositive();
    }
    // counted in hundredths of a second, of which a fast machine needs none
    assertThat(meetings.get("cpu_seconds").asDouble()).isNotNegative();
  }

  @Test
  void thePresetHoldsTheCasesThatThePaperSizesArePromisedFor() {
    JobConfig config = config("../../conf/bench.conf");
    assertThat(BenchStage.steps(config, Placement.ONE_THREAD))
        .filteredOn(step -> step.placement().precision() == Precision.FP32)
        .extracting(StepsCost::name, StepsCost::batch)
        .containsExactly(
            tuple("s pretraining", 4),
            tuple("s pretraining", 8),
            tuple("s classification", 2),
            tuple("b pretraining", 4),
            tuple("b pretraining", 8),
            tuple("b classification", 2));
  }

  @Test
  void leavesOutAPrecisionThatTheDeviceHasNoInstructionsFor() {
    JobConfig torch = config("", "bench.precisions=[tf32, bf16, fp32]");
    Set<Precision> there = new TorchEngineProvider().precisions(Device.CPU);
    assertThat(BenchStage.steps(torch, Placement.ONE_THREAD))
        .extracting(step -> step.placement().precision())
        .doesNotContain(Precision.TF32)
        .hasSameElementsAs(there);
    JobConfig nd4j = config("", "bench.precisions=[bf16, fp32]", "engine.name=nd4j");
    assertThat(BenchStage.steps(nd4j, Placement.ONE_THREAD))
        .extracting(step -> step.placement().precision())
        .containsOnly(Precision.FP32);
    Precision fastest = there.contains(Precision.BF16) ? Precision.BF16 : Precision.FP32;
    assertThat(BenchStage.steps(config(""), Placement.ONE_THREAD.in(Precision.AUTO)))
        .extracting(step -> step.placement().precision())
        .containsOnly(fastest);
  }
}
