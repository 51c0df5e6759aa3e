package io.tubelet.spark.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.engine.torch.Collective;
import io.tubelet.model.ModelSize;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.train.AveragingRule.Wire;
import java.nio.FloatBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
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
    int each = 2 / tasks;
    together(
        tasks,
        group -> {
          List<float[]> own = replicas.subList(group.rank() * each, (group.rank() + 1) * each);
          int[] counts = IntStream.range(0, tasks).map(any -> each).toArray();
          new Reduction(group, counts, first.length)
              .average(
                  own.stream().map(FloatBuffer::wrap).map(List::of).toList(),
                  new long[] {4, 4},
                  Reduction.Step.NONE,
                  wire);
        });
    return tasks == 1 ? replicas.subList(0, 1) : replicas;
  }

  /** Runs tasks in threads that meet. */
  private static void together(int tasks, Consumer<Collective> work) {
    CompletableFuture<String> meeting = new CompletableFuture<>();
    UnaryOperator<String> first =
        said -> {
          meeting.complete(said);
          return said;
        };
    CompletableFuture<?>[] running =
        IntStream.range(0, tasks)
            .mapToObj(
                task ->
                    CompletableFuture.runAsync(
                        () -> {
                          Duration wait = Duration.ofMinutes(1);
                          UnaryOperator<String> own = task == 0 ? first : any -> meeting.join();
                          try (Collective group =
                              Collective.join(task, tasks, "127.0.0.1", own, wait, () -> false)) {
                            work.accept(group);
                          }
                        }))
            .toArray(CompletableFuture<?>[]::new);
    CompletableFuture.allOf(running).join();
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

  /** 24 million values in six chunks: the first task's in native memory, the second's in arrays. */
  @Test
  void averagesWhatLiesInNativeMemoryWithWhatLiesInArrays() {
    ParameterLayout layout = ParameterLayout.of(ModelSize.S.pretraining(TinyRun.GEOMETRY));
    together(
        2,
        group -> {
          Reduction reduction = new Reduction(group, new int[] {1, 1}, layout.count());
          Reduction.InPlace inPlace = reduction.inPlace(layout);
          boolean first = group.rank() == 0;
          List<FloatBuffer> own = first ? inPlace.tensors() : Parameters.zero(layout).buffers();
          for (int i = 0; i < own.size(); i++) {
            for (int at = 0; at < own.get(i).capacity(); at++) {
              own.get(i).put(at, first ? i + at : i - at);
            }
          }
          List<FloatBuffer> vector = first ? inPlace.whole() : own;
          reduction.average(List.of(vector), new long[] {1, 1}, Reduction.Step.NONE, Wire.FP32);
          for (int i = 0; i < own.size(); i++) {
            FloatBuffer mean = FloatBuffer.allocate(own.get(i).capacity());
            Arrays.fill(mean.array(), i);
            assertThat(own.get(i).mismatch(mean)).as("tensor %d", i).isEqualTo(-1);
          }
        });
  }
}
