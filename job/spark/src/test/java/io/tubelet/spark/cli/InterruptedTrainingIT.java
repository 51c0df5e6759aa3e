package io.tubelet.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.clip.SampleSeed;
import io.tubelet.spark.LocalSpark;
import io.tubelet.spark.data.CubeStore;
import io.tubelet.spark.data.TinyStore;
import io.tubelet.spark.train.EventLog;
import io.tubelet.spark.train.Found;
import io.tubelet.spark.train.RunFolder;
import io.tubelet.spark.train.TallyEngine;
import io.tubelet.spark.train.TinyRun;
import io.tubelet.train.RoundMetrics;
import io.tubelet.train.TrainState;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Drivers are stopped, killed and started twice; the training comes to the same end. */
class InterruptedTrainingIT {
  private static final int CLIPS = 24;
  private static final int EPOCHS = 160;

  @TempDir private static Path folder;
  private static TrainState undisturbed;

  @BeforeAll
  static void trainUndisturbed() throws IOException {
    CubeStore store = TinyStore.make(folder.resolve("store"), CLIPS, 4, 10);
    TrainingProcess.writeRows(folder.resolve("rows"), store);
    undisturbed = TinyRun.of(CLIPS, EPOCHS, TallyEngine.NAME).train(LocalSpark.context(), store);
    LocalSpark.session().stop();
  }

  private static Process start(String run) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + Path.of("../../conf/java-opens.args").toAbsolutePath(),
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                TrainingProcess.class.getName(),
                folder.resolve("rows").toString(),
                folder.resolve(run).toString(),
                Integer.toString(EPOCHS)));
    return new ProcessBuilder(command)
        .redirectError(ProcessBuilder.Redirect.appendTo(folder.resolve(run + ".log").toFile()))
        .start();
  }

  /** Reads until the process has trained a round; what it says otherwise. */
  private static String awaitTraining(Process process) throws IOException {
    BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
    String last = "ended";
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      last = line;
      if (line.startsWith(TrainingProcess.NAME + " ")) {
        return "training";
      } else if (line.startsWith("BUSY")) {
        return line;
      }
    }
    return last;
  }

  private static RunFolder run(String name) {
    return new RunFolder(
        new Configuration(), new org.apache.hadoop.fs.Path(folder.resolve(name).toUri()));
  }

  private static Found last(String name) {
    return Found.in(run(name).checkpoints(TrainingProcess.NAME), TinyRun.MODEL).orElseThrow();
  }

  private static void requireTheSameEnd(String name) {
    Found last = last(name);
    assertThat(last.progress().finished()).isTrue();
    assertThat(last.state()).isEqualTo(undisturbed);
    // two replicas of equal minibatches: a clip that one of them used counts half in the mean
    for (int clip = 0; clip < CLIPS; clip++) {
      assertThat(last.state().weights().get(0)[clip]).isEqualTo(EPOCHS / 2f);
    }
    List<RoundMetrics> events =
        EventLog.read(new Configuration(), run(name).events(TrainingProcess.NAME));
    for (int round = 0; round < events.size(); round++) {
      assertThat(events.get(round).round()).isEqualTo(round);
    }
    assertThat(folder.resolve(name).resolve("lease.json")).doesNotExist();
  }

  @Test
  void goesOnToTheSameBitsThoughKilledAtTenRandomMoments() throws Exception {
    RandomGenerator random = SampleSeed.of(1, 0, "kill");
    int killed = 0;
    for (int life = 0; life < 10; life++) {
      Process process = start("killed");
      assertThat(awaitTraining(process)).isEqualTo("training");
      Thread.sleep(random.nextInt(200, 1000));
      process.destroyForcibly(); // SIGKILL
      killed += process.waitFor() == 137 ? 1 : 0;
    }
    assertThat(killed).isEqualTo(10);
    Process process = start("killed");
    assertThat(awaitTraining(process)).isEqualTo("training");
    assertThat(process.waitFor()).isZero();
    requireTheSameEnd("killed");
  }

  @Test
  void endsItsRoundWhenAskedToStopAndGoesOnFromThere() throws Exception {
    Process process = start("stopped");
    assertThat(awaitTraining(process)).isEqualTo("training");
    Thread.sleep(1500);
    process.destroy(); // SIGTERM
    assertThat(process.waitFor()).isEqualTo(ExitCode.RESUME.code());
    Found stopped = last("stopped");
    List<RoundMetrics> events =
        EventLog.read(new Configuration(), run("stopped").events(TrainingProcess.NAME));
    // every round that was trained is kept, also between two checkpoints in turn
    assertThat(stopped.progress().round()).isEqualTo(events.size());
    assertThat(stopped.progress().extra()).isEqualTo(events.size() % 4 != 0);
    assertThat(folder.resolve("stopped/lease.json")).doesNotExist();
    Process again = start("stopped");
    assertThat(awaitTraining(again)).isEqualTo("training");
    assertThat(again.waitFor()).isZero();
    requireTheSameEnd("stopped");
  }

  @Test
  void ofTwoThatStartAtOnceOneTrainsAndOneLeaves() throws Exception {
    Process one = start("twice");
    Process other = start("twice");
    List<String> said = List.of(awaitTraining(one), awaitTraining(other));
    List<Integer> codes = List.of(one.waitFor(), other.waitFor());
    assertThat(codes).containsExactlyInAnyOrder(0, ExitCode.BUSY.code());
    assertThat(said).anyMatch(line -> line.equals("training"));
    assertThat(said)
        .anyMatch(line -> line.contains("lease.json") && line.contains("writes this run"));
    requireTheSameEnd("twice");
    assertThat(Files.readString(folder.resolve("twice.log"))).doesNotContain("Exception");
  }
}
