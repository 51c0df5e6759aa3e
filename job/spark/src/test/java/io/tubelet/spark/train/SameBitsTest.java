package io.tubelet.spark.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.spark.LocalSpark;
import io.tubelet.spark.data.CubeStore;
import io.tubelet.spark.data.TinyStore;
import io.tubelet.train.TrainState;
import java.nio.file.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The weights depend on the plan alone: not on the number of tasks at a time, nor on failures. */
class SameBitsTest {
  private static final int CLIPS = 24;
  @TempDir private static Path folder;
  private static CubeStore store;

  private static TrainState undisturbed;
  private static TrainState undisturbedDiloco;

  @BeforeAll
  static void trainUndisturbed() {
    store = TinyStore.make(folder, CLIPS, 4, 10);
    JavaSparkContext spark = LocalSpark.context();
    undisturbed = TinyRun.of(CLIPS, 2, "nd4j").train(spark, store);
    undisturbedDiloco = TinyRun.of(CLIPS, 2, "nd4j").with(TinyRun.DILOCO).train(spark, store);
    LocalSpark.session().stop();
  }

  private static void requireSame(JavaSparkContext spark) {
    TrainState plain = TinyRun.of(CLIPS, 2, "nd4j").train(spark, store);
    assertThat(plain.weights().digest()).isEqualTo(undisturbed.weights().digest());
    assertThat(plain.secondMoment().digest()).isEqualTo(undisturbed.secondMoment().digest());
    TrainState diloco = TinyRun.of(CLIPS, 2, "nd4j").with(TinyRun.DILOCO).train(spark, store);
    assertThat(diloco.weights().digest()).isEqualTo(undisturbedDiloco.weights().digest());
  }

  @ParameterizedTest
  @ValueSource(strings = {"local[1]", "local[4]"})
  void forAnyNumberOfTasksAtATime(String master) {
    try (JavaSparkContext spark = LocalSpark.context(master)) {
      requireSame(spark);
    }
    assertThat(undisturbedDiloco.weights().digest()).isNotEqualTo(undisturbed.weights().digest());
  }

  @Test
  void whereOneTaskInFiveIsKilledOnce() {
    FaultPlugin.TASKS.set(0);
    FaultPlugin.KILLED.set(0);
    try (JavaSparkContext spark =
        LocalSpark.context("local[2]", "spark.plugins=" + FaultPlugin.class.getName())) {
      requireSame(spark);
      for (int i = 0; i < 5; i++) {
        TrainState tally = TinyRun.of(CLIPS, 4, TallyEngine.NAME).train(spark, store);
        requireEveryClipOnceAnEpoch(tally, 4);
      }
    }
    double share = (double) FaultPlugin.KILLED.get() / FaultPlugin.TASKS.get();
    assertThat(share).isBetween(0.1, 0.3);
  }

  @Test
  void whereOneTaskInFiveFailsHalfWay() {
    System.setProperty("tally.fail", "true");
    TrainState disturbed;
    try (JavaSparkContext spark = LocalSpark.context("local[2]")) {
      disturbed = TinyRun.of(CLIPS, 8, TallyEngine.NAME).train(spark, store);
    } finally {
      System.clearProperty("tally.fail");
    }
    try (JavaSparkContext spark = LocalSpark.context("local[2]")) {
      TrainState same = TinyRun.of(CLIPS, 8, TallyEngine.NAME).train(spark, store);
      assertThat(disturbed).isEqualTo(same);
    }
    requireEveryClipOnceAnEpoch(disturbed, 8);
  }

  /** Two replicas of equal minibatches: a clip that one of them used counts half in the mean. */
  private static void requireEveryClipOnceAnEpoch(TrainState state, int epochs) {
    for (int clip = 0; clip < CLIPS; clip++) {
      assertThat(TallyEngine.count(state, clip)).as("clip %d", clip).isEqualTo(epochs / 2.0);
    }
  }
}
