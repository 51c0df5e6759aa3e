package io.tubelet.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SamplePlanTest {

  private static List<Integer> dealt(SamplePlan plan, long epoch) {
    int[] order = plan.order(epoch);
    List<Integer> dealt = new ArrayList<>();
    for (int step = 0; step < plan.stepsPerEpoch(); step++) {
      for (int replica = 0; replica < plan.replicas(); replica++) {
        int[] minibatch = plan.minibatch(order, step, replica);
        assertThat(minibatch.length).isLessThanOrEqualTo(plan.batch());
        IntStream.of(minibatch).forEach(dealt::add);
      }
    }
    return dealt;
  }

  @ParameterizedTest
  @CsvSource({"359,2,16", "359,1,16", "64,4,16", "7,7,1", "1000,3,7", "5,2,100"})
  void usesEveryClipExactlyOnceAnEpoch(int clips, int replicas, int batch) {
    SamplePlan plan = new SamplePlan(11, clips, replicas, batch);
    Integer[] all = IntStream.range(0, clips).boxed().toArray(Integer[]::new);
    assertThat(dealt(plan, 0)).containsExactlyInAnyOrder(all);
    assertThat(dealt(plan, 3)).containsExactlyInAnyOrder(all).isNotEqualTo(dealt(plan, 0));
  }

  @Test
  void stepsDifferByOneClipAtMost() {
    SamplePlan plan = new SamplePlan(1, 359, 2, 16);
    assertThat(plan.stepsPerEpoch()).isEqualTo(12);
    int[] order = plan.order(0);
    for (int step = 0; step < 12; step++) {
      int size = plan.minibatch(order, step, 0).length + plan.minibatch(order, step, 1).length;
      assertThat(size).isBetween(29, 30);
    }
  }

  @Test
  void givesTheSameStepTheSameClipsForAnyNumberOfReplicas() {
    SamplePlan one = new SamplePlan(5, 96, 1, 32);
    SamplePlan four = new SamplePlan(5, 96, 4, 8);
    List<Integer> alone = IntStream.of(one.minibatch(one.order(2), 1, 0)).boxed().toList();
    List<Integer> together = new ArrayList<>();
    for (int replica = 0; replica < 4; replica++) {
      IntStream.of(four.minibatch(four.order(2), 1, replica)).forEach(together::add);
    }
    assertThat(together).isEqualTo(alone);
  }

  @Test
  void refusesFewerClipsThanReplicas() {
    assertThatThrownBy(() -> new SamplePlan(1, 3, 4, 8)).hasMessageContaining("3 clips");
  }
}
