package io.tubelet.spark.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.spark.LocalSpark;
import io.tubelet.spark.data.CubeStore;
import io.tubelet.spark.data.TinyStore;
import io.tubelet.train.SamplePlan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many rounds leave nothing behind. {@code -Dtubelet.rounds=2000} for as many; the figures go to
 * standard output.
 */
class ManyRoundsTest {
  private static final int ROUNDS = Integer.getInteger("tubelet.rounds", 150);
  private static final int CLIPS = 24;

  @TempDir private Path folder;

  private record Held(long heapBytes, int threads, long files) {}

  private static Held held() throws IOException {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    long files = 0;
    for (String local : SparkEnv.get().blockManager().diskBlockManager().localDirsString()) {
      try (var all = Files.walk(Path.of(local))) {
        files += all.filter(Files::isRegularFile).count();
      } catch (UncheckedIOException e) {
        files += 0; // a file went while it was counted
      }
    }
    Runtime runtime = Runtime.getRuntime();
    return new Held(runtime.totalMemory() - runtime.freeMemory(), threads(), files);
  }

  /** Spark's own pools of the block manager grow until they are full. */
  private static int threads() {
    return (int)
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> !thread.getName().startsWith("block-manager-"))
            .count();
  }

  @Test
  void leaveHeapThreadsAndFilesAsTheyWere() throws Exception {
    JavaSparkContext spark = LocalSpark.context();
    CubeStore store = TinyStore.make(folder, CLIPS, 4, 10);
    TinyRun run = TinyRun.of(CLIPS, ROUNDS / 3, TallyEngine.NAME).with(TinyRun.DILOCO);
    List<Held> held = new ArrayList<>();
    int third = Math.toIntExact(run.rounds().count() / 3);
    RunFolder where =
        new RunFolder(new Configuration(), new org.apache.hadoop.fs.Path(folder.toUri()));
    for (int thirds = 1; thirds <= 3; thirds++) {
      // stages of a third each: the training stops at the checkpoint and goes on from it
      SamplePlan plan = run.plan();
      Rounds rounds = new Rounds(plan, run.rounds().epochs() / 3 * thirds, run.rounds().period());
      TinyRun until = new TinyRun(plan, rounds, run.engine(), run.rule(), run.rate(), 60);
      until.train(spark, store, where, until.run(third, 0));
      held.add(held());
    }
    System.out.printf("%d rounds, after each third: %s%n", run.rounds().count(), held);
    Held first = held.get(0);
    Held last = held.get(2);
    assertThat(last.files).isLessThanOrEqualTo(first.files + 4);
    assertThat(last.threads).isLessThanOrEqualTo(first.threads + 4);
    // Spark's own record of the last jobs and stages grows until it is full
    assertThat(last.heapBytes - first.heapBytes).isLessThan(48L << 20);
  }
}
