package io.tubelet.spark.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tubelet.spark.LocalSpark;
import io.tubelet.spark.data.CubeStore;
import io.tubelet.spark.data.TinyStore;
import io.tubelet.spark.files.Failure.LayoutException;
import io.tubelet.train.TrainState;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What may go wrong where replicas meet. */
class MeetingFaultsTest {
  private static final TinyRun RUN = TinyRun.of(24, 4, TallyEngine.NAME);

  @TempDir private static Path folder;
  private static CubeStore store;

  @BeforeAll
  static void makeStore() {
    store = TinyStore.make(folder, 24, 4, 10);
    LocalSpark.session().stop();
  }

  @Test
  void aTaskThatHangsIsGivenUpAndTheStageRunsAgainToTheSameBits() {
    try (JavaSparkContext spark = LocalSpark.context("local[2]")) {
      TrainState undisturbed = RUN.train(spark, store);
      System.setProperty("tally.hang", "5");
      assertThat(RUN.waiting(2).train(spark, store)).isEqualTo(undisturbed);
    } finally {
      System.clearProperty("tally.hang");
    }
  }

  @Test
  void aTaskThatIsKilledWhileOthersWaitLosesTheStageAtOnce() {
    try (JavaSparkContext spark = LocalSpark.context("local[2]")) {
      List<Long> tasks = new CopyOnWriteArrayList<>();
      spark
          .sc()
          .addSparkListener(
              new SparkListener() {
                @Override
                public void onTaskStart(SparkListenerTaskStart start) {
                  tasks.add(start.taskInfo().taskId());
                }
              });
      long start = System.nanoTime();
      assertThatThrownBy(
              () ->
                  RUN.trained(
                      spark,
                      store,
                      round -> {
                        if (round == 2) { // all tasks wait for the driver's answer
                          spark.sc().killTaskAttempt(tasks.get(1), true, "a test");
                        }
                      }))
          .isInstanceOf(Master.LostStageException.class)
          .hasMessageContaining("barrier");
      assertThat((System.nanoTime() - start) / 1e9).isLessThan(50); // not the meeting's timeout
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"spark.dynamicAllocation.enabled=true", "spark.authenticate=true"})
  void settingsThatDoNotGoWithMeetingsAreRefused(String setting) {
    try (JavaSparkContext spark =
        LocalSpark.context("local[2]", setting, "spark.authenticate.secret=a")) {
      assertThatThrownBy(() -> RUN.train(spark, store))
          .isInstanceOf(LayoutException.class)
          .hasMessageContaining(setting.substring(0, setting.indexOf('=')));
    }
  }

  @Test
  void speculationChangesNothing() {
    try (JavaSparkContext spark =
        LocalSpark.context(
            "local[2]", "spark.speculation=true", "spark.speculation.interval=10ms")) {
      TrainState state = RUN.train(spark, store);
      assertThat(TallyEngine.count(state, 3)).isEqualTo(2);
    }
  }
}
