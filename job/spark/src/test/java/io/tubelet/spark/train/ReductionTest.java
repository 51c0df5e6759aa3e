package io.tubelet.spark.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.engine.torch.Collective;
import io.tubelet.train.AveragingRule.Wire;
import java.nio.FloatBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReductionTest {
  /** Just above 1 numbers of bf16 are 2⁻⁷ apart. */
  private static float one(double steps) {
    return (float) (1 + steps / 128);
  }

  /** What the first replica of each task becomes, where there are two replicas of equal weight. */
  private static List<float[]> averaged(int tasks, Wire wire, float[] first, float[] second) {
    List<float[]> replicas = List.of(first.clone(), second.clone());
    CompletableFuture<String> meeting = new CompletableFuture<>();
    List<CompletableFuture<float[]>> running =
        IntStream.range(0, tasks)
            .mapToObj(
                task -> {
                  int each = 2 / tasks;
                  List<float[]> own = replicas.subList(task * each, (task + 1) * each);
                  return CompletableFuture.supplyAsync(() -> run(task, tasks, meeting, own, wire));
                })
            .toList();
    return running.stream().map(CompletableFuture::join).toList();
  }

  private static float[] run(
      int task, int tasks, CompletableFuture<String> meeting, List<float[]> own, Wire wire) {
    try (Collective group =
        Collective.join(
            task,
            tasks,
            "127.0.0.1",
            said -> {
              if (task == 0) {
                meeting.complete(said);
              }
              return meeting.join();
            },
            Duration.ofMinutes(1),
            () -> false)) {
      int[] counts = IntStream.range(0, tasks).map(any -> own.size()).toArray();
      new Reduction(group, counts, own.get(0).length)
          .average(
              own.stream().map(FloatBuffer::wrap).map(List::of).toList(),
              new long[] {4, 4},
              Reduction.Step.NONE,
              wire);
    }
    return own.get(0);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void roundsEachReplicaAndTheMeanToTheNearestWhereTheWireIsBf16(int tasks) {
    float[] first = {one(0), one(1), one(1.25), one(0.5), one(1.5), -3};
    float[] second = {one(1), one(2), one(1.25), one(0.5), one(1.5), 5};
    // means halfway between two numbers go to the even one; so do replicas that lie there
    float[] rounded = {one(0), one(2), one(1), one(0), one(2), 1};
    float[] exact = {one(0.5), one(1.5), one(1.25), one(0.5), one(1.5), 1};
    assertThat(averaged(tasks, Wire.BF16, first, second))
        .hasSize(tasks)
        .allSatisfy(mean -> assertThat(mean).containsExactly(rounded));
    assertThat(averaged(tasks, Wire.FP32, first, second))
        .hasSize(tasks)
        .allSatisfy(mean -> assertThat(mean).containsExactly(exact));
  }
}
