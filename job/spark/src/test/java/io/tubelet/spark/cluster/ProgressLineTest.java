package io.tubelet.spark.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.spark.LocalSpark;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.LongAccumulator;
import org.junit.jupiter.api.Test;

class ProgressLineTest {

  private static String said(long quietNanos) {
    PrintStream before = System.out;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    System.setOut(new PrintStream(said, true, StandardCharsets.UTF_8));
    JavaSparkContext spark = LocalSpark.context();
    spark.setJobDescription("count");
    try (ProgressLine.Job job =
        new ProgressLine.Job(spark, "things", new ProgressLine(0, 6, quietNanos))) {
      LongAccumulator counter = job.counter();
      spark.parallelize(List.of(1, 2, 3), 3).foreach(counter::add);
    } finally {
      System.setOut(before);
    }
    return said.toString(StandardCharsets.UTF_8);
  }

  @Test
  void saysOfAJobWhatItsTasksHaveCounted() {
    assertThat(said(0)).containsPattern("count  6/6 things  \\d+\\.\\d things/s  0m00s left\n$");
  }

  @Test
  void saysNothingOfAJobThatIsSoonDone() {
    assertThat(said(Long.MAX_VALUE / 2)).isEmpty();
  }
}
