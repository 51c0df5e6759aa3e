package io.tubelet.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.spark.stage.Stages;
import io.tubelet.spark.train.EnginePool;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** In a JVM of its own, since it ends with it. */
class InterruptionTest {
  private Process process;

  /** Works until it is interrupted, or ends at once with a given code. */
  public static final class Worker {
    private static final int EXITS = -1;

    private Worker() {}

    public static void main(String[] args) {
      int code = Integer.parseInt(args[0]);
      Stages.all();
      boolean waits = Boolean.parseBoolean(args[1]);
      System.exit(
          Interruption.guard(
              () -> {
                if (code == EXITS) {
                  System.exit(1); // as Spark does where it lacks something
                }
                return waits ? waitThen(code) : code;
              }));
    }

    private static int waitThen(int code) {
      System.out.println("working");
      try {
        Thread.sleep(600_000);
        return 99;
      } catch (InterruptedException e) {
        EnginePool.closeIdle(); // as a training does that ends
        return code;
      }
    }
  }

  private Process start(int code, boolean waits) throws IOException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    List<String> command =
        List.of(
            java,
            "-cp",
            System.getProperty("java.class.path"),
            Worker.class.getName(),
            Integer.toString(code),
            Boolean.toString(waits));
    process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    return process;
  }

  @AfterEach
  void end() {
    process.destroyForcibly();
  }

  private int terminated(int code) throws IOException, InterruptedException {
    try (BufferedReader output = start(code, true).inputReader()) {
      assertThat(output.readLine()).isEqualTo("working");
      process.destroy(); // SIGTERM
      return process.waitFor();
    }
  }

  @Test
  void aStoppedProcessAsksToBeResumed() throws IOException, InterruptedException {
    assertThat(terminated(1)).isEqualTo(10);
  }

  @Test
  void workThatWasDoneByThenIsDone() throws IOException, InterruptedException {
    assertThat(terminated(0)).isZero();
  }

  @Test
  void anExitThatNobodyAskedForIsNoSignal() throws IOException, InterruptedException {
    assertThat(start(Worker.EXITS, false).waitFor()).isEqualTo(2);
  }

  @Test
  void withoutASignalTheCodePassesThrough() throws IOException, InterruptedException {
    assertThat(start(3, false).waitFor()).isEqualTo(3);
  }
}
