package io.tubelet.engine.dl4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.cube.CubeBatch;
import io.tubelet.engine.Engine;
import io.tubelet.train.Training;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;

/** In a process of its own, whose heap is wholly resident from the start. */
class NativeMemoryTest {
  private static final int STEPS = 1000;

  /** Bytes the process may gain in that many steps and ten engines; each step needs 0.2 MB. */
  private static final long BOUND = 32L << 20;

  @Test
  void doesNotGrowWithTheNumberOfSteps() throws IOException, InterruptedException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Process process =
        new ProcessBuilder(
                List.of(
                    java,
                    "-XX:TieredStopAtLevel=1", // the second compiler takes some 30 MB for a while
                    "-Xms256m",
                    "-Xmx256m",
                    "-XX:+AlwaysPreTouch",
                    "-cp",
                    System.getProperty("java.class.path"),
                    NativeMemoryTest.class.getName()))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertThat(process.waitFor()).as(output).isZero();
    assertThat(Long.parseLong(output)).isLessThan(BOUND);
  }

  /** Prints the growth of the resident size. */
  public static void main(String[] arguments) {
    Training training = Tiny.training(Tiny.pretraining(true), Tiny.ADAM_W);
    CubeBatch batch = Tiny.masked(2, 0);
    openAndClose(training, batch, 3);
    try (Engine engine = Tiny.engine(training)) {
      take(500, engine, batch);
      long before = Pointer.physicalBytes();
      take(STEPS, engine, batch);
      openAndClose(training, batch, 10);
      System.out.println(Pointer.physicalBytes() - before);
    }
  }

  private static void take(int steps, Engine engine, CubeBatch batch) {
    for (int step = 0; step < steps; step++) {
      engine.step(batch);
    }
  }

  private static void openAndClose(Training training, CubeBatch batch, int times) {
    for (int i = 0; i < times; i++) {
      try (Engine engine = Tiny.engine(training)) {
        take(3, engine, batch);
      }
    }
  }
}
