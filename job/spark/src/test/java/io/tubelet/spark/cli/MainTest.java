package io.tubelet.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tubelet.engine.EngineProvider.EngineUnavailableException;
import io.tubelet.spark.LocalSpark;
import io.tubelet.spark.cli.StageCommand.Verb;
import io.tubelet.spark.files.DurableFileTest;
import io.tubelet.spark.files.Failure.BudgetException;
import io.tubelet.spark.files.Failure.DataException;
import io.tubelet.spark.files.Failure.StateException;
import io.tubelet.spark.stage.Outcome;
import io.tubelet.spark.stage.Stage;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkException;
import org.apache.spark.SparkUserAppException;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class MainTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final List<String> sessions = new ArrayList<>();

  /** Runs {@code pretrain} as this stage, with no Spark. */
  private int pretrain(Stage stage, String... args) {
    List<String> all = new ArrayList<>(List.of("pretrain"));
    all.addAll(List.of(args));
    return run(stage, all.toArray(String[]::new));
  }

  private int run(Stage stage, String... args) {
    return commands(stage).execute(args);
  }

  private CommandLine commands(Stage stage) {
    return Main.commands(
            Map.of("pretrain", stage),
            conf -> {
              sessions.add(conf.get("spark.app.name"));
              return null;
            })
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true));
  }

  private static Stage failing(Throwable thrown) {
    return run -> {
      if (thrown instanceof Error e) {
        throw e;
      }
      throw (RuntimeException) thrown;
    };
  }

  @Test
  void succeedsWithTheStagesMessage() {
    Stage stage = run -> Outcome.done("seed " + run.config().run().seed());
    assertThat(pretrain(stage, "run.seed=3", "run.name=x")).isZero();
    assertThat(out).hasToString("pretrain: seed 3" + System.lineSeparator());
    assertThat(err.toString()).isEmpty();
    assertThat(sessions).containsExactly("tubelet pretrain x");
  }

  @Test
  void succeedsIfTheWorkWasDoneBefore() {
    assertThat(pretrain(run -> Outcome.alreadyDone("800 epochs"))).isZero();
  }

  @Test
  void asksToBeResumedAfterAnInterruption() {
    assertThat(pretrain(run -> Outcome.interrupted("at step 7"))).isEqualTo(10);
    Stage stage =
        run -> {
          throw new InterruptedException();
        };
    assertThat(pretrain(stage)).isEqualTo(10);
    assertThat(err.toString()).hasLineCount(1).contains("interrupted");
  }

  @Test
  void givesEachNamedFailureItsCodeAndOneLine() {
    assertThat(pretrain(failing(new DataException("no a.csv")))).isEqualTo(3);
    assertThat(pretrain(failing(new BudgetException("9 of 10")))).isEqualTo(4);
    assertThat(pretrain(failing(new EngineUnavailableException("no engine")))).isEqualTo(5);
    assertThat(pretrain(failing(new StateException("step-9 is cut off")))).isEqualTo(6);
    assertThat(err.toString())
        .isEqualToNormalizingNewlines(
            """
            tubelet: no a.csv
            tubelet: 9 of 10
            tubelet: no engine
            tubelet: step-9 is cut off
            """);
  }

  @Test
  void tellsFaultsOfTheMachineAndTheClusterInOneLine() {
    assertThat(pretrain(failing(DurableFileTest.fullDisk()))).isEqualTo(6);
    assertThat(pretrain(failing(new UncheckedIOException(new AccessDeniedException("/r")))))
        .isEqualTo(6);
    assertThat(pretrain(failing(new OutOfMemoryError("Java heap space")))).isEqualTo(2);
    assertThat(pretrain(failing(new UnsatisfiedLinkError("no jnitorch")))).isEqualTo(5);
    String lost =
        "Job aborted: a task failed.\nExecutorLostFailure (executor 1 exited)\nDriver trace:";
    assertThat(pretrain(failing(new IllegalStateException(new SparkException(lost))))).isEqualTo(5);
    assertThat(pretrain(failing(new UncheckedIOException(new InterruptedIOException("stopped")))))
        .isEqualTo(10);
    assertThat(err.toString())
        .hasLineCount(6)
        .contains("FSError: java.io.IOException: No space left", "AccessDeniedException: /r")
        .contains("heap space; raise TUBELET_DRIVER_MEMORY", "jnitorch", "executor 1")
        .contains("rerun the same command");
  }

  @Test
  void tellsThatNoMasterAnswers() {
    Function<SparkConf, SparkSession> sessions =
        conf -> {
          SparkSession session = LocalSpark.session();
          session.stop(); // what Spark does when its master is silent for a minute
          return session;
        };
    CommandLine commands =
        Main.commands(Map.of("doctor", failing(new IllegalStateException())), sessions)
            .setErr(new PrintWriter(err, true));
    assertThat(commands.execute("doctor")).isEqualTo(2);
    assertThat(err.toString()).contains("Spark does not start: nobody answers at local[2");
  }

  @Test
  void takesAnotherPortForSparksPageWhereItsOwnIsTaken() throws IOException {
    try (ServerSocket taken = new ServerSocket(0)) {
      SparkConf conf = new SparkConf().set("spark.ui.port", "" + taken.getLocalPort());
      Main.freePort(conf);
      assertThat(conf.get("spark.ui.port")).isEqualTo("0");
    }
  }

  @Test
  void tracesOnlyWhatIsItsOwnFault() {
    assertThat(pretrain(failing(new IllegalStateException("oops")))).isEqualTo(1);
    assertThat(err.toString()).contains("internal error", "oops", "\tat io.tubelet");
  }

  @Test
  void findsANamedFailureInsideSparks() {
    DataException inner = new DataException("clip a/b.mp4#3");
    RuntimeException wrapped =
        new IllegalStateException("job aborted", new SparkException("stage 3 failed", inner));
    assertThat(pretrain(failing(wrapped))).isEqualTo(3);
    assertThat(err.toString()).hasLineCount(1).contains("clip a/b.mp4#3");
  }

  @Test
  void findsAFailureThatHappenedInATask() {
    Stage stage =
        run -> {
          JavaSparkContext context = new JavaSparkContext(run.session().sparkContext());
          long seed = run.config().run().seed();
          context.parallelize(List.of(1, 2)).foreach(clip -> refuse(clip, seed));
          return Outcome.done("");
        };
    CommandLine commands =
        Main.commands(
                Map.of("pretrain", stage),
                conf -> SparkSession.builder().config(conf).master("local[1]").getOrCreate())
            .setErr(new PrintWriter(err, true));
    assertThat(commands.execute("pretrain")).isEqualTo(3);
    assertThat(err).hasToString("tubelet: clip 2 is empty" + System.lineSeparator());
    assertThat(commands.execute("pretrain", "run.seed=1")).isEqualTo(6);
    assertThat(err.toString()).hasLineCount(2).contains("No space left on device");
  }

  private static void refuse(int clip, long seed) throws IOException {
    if (seed == 1) {
      throw new IOException("/tmp/shuffle: No space left on device");
    } else if (clip == 2) {
      throw new DataException("clip 2 is empty");
    }
  }

  @Test
  void leavesTheExitOfADriverInAContainerToYarn() throws SparkException {
    System.setProperty("spark.submit.deployMode", "cluster");
    try {
      Main.end(0); // and the JVM goes on
      assertThatThrownBy(() -> Main.end(7))
          .isInstanceOfSatisfying(
              SparkUserAppException.class, e -> assertThat(e.exitCode()).isEqualTo(7));
    } finally {
      System.clearProperty("spark.submit.deployMode");
    }
  }

  @Test
  void refusesAWrongCommandLineInOneLine() {
    Stage stage = failing(new IllegalStateException("not reached"));
    assertThat(run(stage)).isEqualTo(2);
    assertThat(run(stage, "pretrian")).isEqualTo(2);
    assertThat(run(stage, "pretrain", "--cofnig=x")).isEqualTo(2);
    assertThat(err.toString())
        .hasLineCount(3)
        .contains("verb", "did you mean pretrain?", "--cofnig");
    assertThat(sessions).isEmpty();
  }

  @Test
  void refusesAWrongConfigurationBeforeSparkStarts() {
    Stage stage = failing(new IllegalStateException("not reached"));
    assertThat(pretrain(stage, "model.size=xl", "run.sede=1")).isEqualTo(2);
    assertThat(err.toString()).contains("2 problems", "tubelet.model.size", "tubelet.run.sede");
    assertThat(pretrain(stage, "--config", "none.conf")).isEqualTo(2);
    assertThat(pretrain(stage, "run.seed")).isEqualTo(2);
    assertThat(sessions).isEmpty();
  }

  @Test
  void readsTheFile(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("a.conf"), "tubelet.run.seed = 5");
    Stage stage = run -> Outcome.done("seed " + run.config().run().seed());
    assertThat(pretrain(stage, "--config", file.toString(), "run.name=y")).isZero();
    assertThat(pretrain(stage, "--config", file.toUri().toString())).isZero();
    assertThat(out.toString()).hasLineCount(2).contains("seed 5");
  }

  @Test
  void takesTheOptionsOfOneVerbAsKeys() {
    Stage stage = run -> Outcome.done(run.config().export().toString());
    CommandLine commands =
        Main.commands(Map.of("export", stage), name -> null)
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true));
    assertThat(commands.execute("export", "--format", "dl4j", "--to=there", "run.dir=x")).isZero();
    assertThat(out.toString()).contains("DL4J", "to=there");
    assertThat(commands.execute("export", "--format", "onnx")).isEqualTo(2);
    assertThat(err.toString()).contains("tubelet.export.format: expected one of hf, dl4j");
  }

  @Test
  void runsTheStageThatAFlagChooses() {
    Map<String, Stage> stages =
        Map.of(
            "doctor", run -> Outcome.done("machine"),
            "doctor --data", run -> Outcome.done("data"));
    CommandLine commands = Main.commands(stages, conf -> null).setOut(new PrintWriter(out, true));
    assertThat(commands.execute("doctor")).isZero();
    assertThat(commands.execute("doctor", "--data", "run.dir=x")).isZero();
    assertThat(commands.execute("doctor")).isZero();
    assertThat(out.toString().lines())
        .containsExactly("doctor: machine", "doctor: data", "doctor: machine");
  }

  @Test
  void printsTheConfigurationWithoutRunning() {
    Stage stage = failing(new IllegalStateException("not reached"));
    assertThat(pretrain(stage, "--print-config", "run.seed=5")).isZero();
    assertThat(out.toString()).containsPattern("# command line\\s+seed=").contains("ratio=0.9");
    assertThat(sessions).isEmpty();
  }

  @Test
  void planIsOneLineForEveryVerb() {
    Stage stage = failing(new IllegalStateException("not reached"));
    for (Verb verb : Verb.values()) {
      CommandLine commands =
          Main.commands(Map.of(verb.word(), stage), name -> null)
              .setOut(new PrintWriter(out, true));
      assertThat(commands.execute(verb.word(), "--dry-run", "run.dir=there")).isZero();
    }
    assertThat(out.toString()).hasLineCount(Verb.values().length);
    assertThat(out.toString().lines())
        .allMatch(line -> line.endsWith("run folder there"))
        .contains(
            "pretrain: 800 epochs, 1 x 32 clips a step, highest learning rate 1.88e-05 (0.000150 x"
                + " 32 / 256), 16 x 224 x 224 pixels in 1568 tokens, engine auto on auto, precision"
                + " auto, master rounds, 1408 of them hidden; run folder there");
  }

  @Test
  void helpNamesVerbsOptionsAndExitCodes() {
    Stage stage = failing(new IllegalStateException("not reached"));
    assertThat(run(stage, "--help")).isZero();
    assertThat(out.toString()).contains("pretrain", "resume", "10").doesNotContain("prepare");
    assertThat(pretrain(stage, "--help")).isZero();
    assertThat(out.toString())
        .contains("--config=FILE", "--print-config", "--dry-run", "key=value", "failure budget");
    assertThat(run(stage, "--version")).isZero();
    assertThat(out.toString()).contains("Spark 3.5.5");
  }
}
