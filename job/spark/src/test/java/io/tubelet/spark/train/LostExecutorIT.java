package io.tubelet.spark.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.spark.LocalSpark;
import io.tubelet.spark.data.CubeStore;
import io.tubelet.spark.data.TinyStore;
import io.tubelet.train.TrainState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Executors that are processes of their own: any number of them, and some that die. */
class LostExecutorIT {
  private static final int CLIPS = 24;
  private static final int EPOCHS = 5;

  @TempDir private static Path folder;
  private static CubeStore store;
  private static TrainState undisturbed;
  private static TrainState undisturbedDiloco;
  private static TrainState undisturbedAlone;

  @BeforeAll
  static void trainUndisturbed() {
    store = TinyStore.make(folder.resolve("store"), CLIPS, 4, 10);
    JavaSparkContext spark = LocalSpark.context();
    undisturbed = tally().train(spark, store);
    undisturbedDiloco = tally().with(TinyRun.DILOCO).train(spark, store);
    undisturbedAlone = tally().replicas(1, 2).train(spark, store);
    LocalSpark.session().stop();
  }

  private static TinyRun tally() {
    return TinyRun.of(CLIPS, EPOCHS, TallyEngine.NAME);
  }

  private static JavaSparkContext spark(int executors, String javaOptions) {
    return LocalSpark.context(
        "local-cluster[%d,1,512]".formatted(executors),
        "spark.executor.memory=512m",
        "spark.executor.extraClassPath=" + System.getProperty("java.class.path"),
        "spark.executor.extraJavaOptions=" + javaOptions);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void theBitsDoNotDependOnTheNumberOfExecutors(int executors) {
    try (JavaSparkContext spark = spark(executors, "")) {
      assertThat(tally().train(spark, store)).isEqualTo(undisturbed);
      assertThat(tally().with(TinyRun.DILOCO).train(spark, store)).isEqualTo(undisturbedDiloco);
    }
  }

  /** Rounds have two steps: the executors die in rounds 1, 4, 7, 10 and 13. */
  @Test
  void norOnExecutorsThatDieInFiveRounds() throws IOException {
    Path marks = Files.createDirectory(folder.resolve("marks"));
    try (JavaSparkContext spark = spark(2, "-Dtally.kill=" + marks + ":3,9,15,21,27")) {
      TrainState disturbed = tally().train(spark, store);
      assertThat(disturbed).isEqualTo(undisturbed);
      for (int clip = 0; clip < CLIPS; clip++) {
        assertThat(TallyEngine.count(disturbed, clip)).isEqualTo(EPOCHS / 2.0);
      }
    }
    requireFiveDeaths(marks);
  }

  /** A replica alone leaves its state in an executor; where that dies, another catches up. */
  @Test
  void norOnExecutorsThatDieWithTheOnlyStateThereIs() throws IOException {
    Path marks = Files.createDirectory(folder.resolve("alone"));
    try (JavaSparkContext spark = spark(2, "-Dtally.kill=" + marks + ":3,9,15,21,27")) {
      TrainState disturbed = tally().replicas(1, 2).train(spark, store);
      assertThat(disturbed).isEqualTo(undisturbedAlone);
      for (int clip = 0; clip < CLIPS; clip++) {
        assertThat(TallyEngine.count(disturbed, clip)).isEqualTo(EPOCHS);
      }
    }
    requireFiveDeaths(marks);
  }

  private static void requireFiveDeaths(Path marks) throws IOException {
    try (var files = Files.list(marks)) {
      assertThat(files).hasSize(5);
    }
  }
}
