package io.tubelet.spark.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tubelet.model.Parameters;
import io.tubelet.spark.LocalSpark;
import io.tubelet.spark.data.CubeStore;
import io.tubelet.spark.data.TinyStore;
import io.tubelet.spark.files.Failure.BusyException;
import io.tubelet.spark.files.Failure.DivergedException;
import io.tubelet.spark.files.Failure.StateException;
import io.tubelet.spark.train.TrainingLoop.End;
import io.tubelet.spark.train.TrainingRun.Validation;
import io.tubelet.train.AveragingRule;
import io.tubelet.train.RoundMetrics;
import io.tubelet.train.StatePart;
import io.tubelet.train.StateShape;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TrainingRunTest {
  private static final int CLIPS = 24;

  /** One of its 8 clips, so one step of every round, is bad until the rate is halved. */
  private static final TinyRun BAD = TinyRun.of(8, 12, TallyEngine.NAME).at(0.9);

  private static final RunLease.Terms TERMS = new RunLease.Terms(5, 30, 0);

  @TempDir private static Path data;
  @TempDir private Path folder;
  private static CubeStore store;

  @BeforeAll
  static void makeStore() {
    store = TinyStore.make(data, CLIPS, 4, 10);
  }

  @AfterEach
  void recover() {
    CrashingFileSystem.recover();
  }

  static List<TinyRun> runs() {
    TinyRun tally = TinyRun.of(CLIPS, 3, TallyEngine.NAME);
    return List.of(
        tally,
        tally.replicas(1, 2),
        BAD,
        tally.with(TinyRun.nesterov(AveragingRule.Moments.AVERAGED)),
        TinyRun.of(CLIPS, 1, "nd4j").with(TinyRun.DILOCO));
  }

  private RunFolder folder(String name, Configuration hadoop) {
    return new RunFolder(hadoop, new org.apache.hadoop.fs.Path(folder.resolve(name).toUri()));
  }

  private static End train(TinyRun run, RunFolder folder) throws IOException, InterruptedException {
    return train(run, folder, Validation.NONE);
  }

  private static End train(TinyRun run, RunFolder folder, Validation validation)
      throws IOException, InterruptedException {
    return run.train(LocalSpark.context(), store, folder, run.run(2, 0, validation));
  }

  /** Everything of the last checkpoint: all bits of all parts, and the progress. */
  private static List<String> state(RunFolder folder) throws IOException {
    Path last = Path.of(folder.checkpoints("tiny").newest().orElseThrow().toUri());
    List<String> files = new ArrayList<>();
    try (var all = Files.list(last)) {
      for (Path file :
          all.filter(path -> !path.getFileName().toString().startsWith(".")).sorted().toList()) {
        files.add(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
      }
    }
    assertThat(files).hasSizeGreaterThanOrEqualTo(5);
    return files;
  }

  private RunFolder folder(String name) {
    return folder(name, new Configuration());
  }

  @ParameterizedTest
  @MethodSource("runs")
  void goesOnToTheSameBitsFromWhereverItDied(TinyRun run) throws Exception {
    train(run, folder("whole"));
    RunFolder dying = folder("dying", CrashingFileSystem.configuration());
    int lives = 0;
    for (boolean finished = false; !finished; lives++) {
      // later in each life: in one or another file of one or another checkpoint
      CrashingFileSystem.dieAtChange(30 + 17 * lives);
      try {
        finished = train(run, dying) == End.FINISHED;
      } catch (IOException | StateException e) {
        assertThat(e).hasMessageContaining("the process is dead");
      }
      CrashingFileSystem.recover();
      Files.deleteIfExists(folder.resolve("dying/lease.json")); // this process lives on
    }
    assertThat(lives).isGreaterThan(2);
    assertThat(state(dying)).isEqualTo(state(folder("whole")));
    assertThat(rounds(dying)).isEqualTo(rounds(folder("whole")));
  }

  @Test
  void goesOnToTheSameBitsAfterTheDiskWasFull() throws Exception {
    TinyRun run = runs().get(0);
    train(run, folder("whole"));
    RunFolder filling = folder("filling", CrashingFileSystem.configuration());
    for (long bytes : new long[] {70_000, 270_000}) {
      CrashingFileSystem.fillDiskAfter(bytes);
      assertThatThrownBy(() -> train(run, filling)).hasMessageContaining("No space left on device");
    }
    CrashingFileSystem.recover();
    assertThat(train(run, filling)).isEqualTo(End.FINISHED);
    assertThat(state(filling)).isEqualTo(state(folder("whole")));
    assertThat(rounds(filling)).isEqualTo(rounds(folder("whole")));
  }

  /** One that dies while the last checkpoint is evaluated, the first time. */
  @Test
  void evaluatesAfterSomeEpochsAndAtTheEndAlsoWhereItDiedMeanwhile() throws Exception {
    TinyRun run = runs().get(0);
    train(run, folder("plain"));
    List<String> judged = new ArrayList<>();
    Validation validation =
        new Validation(
            2,
            (checkpoint, best) -> {
              judged.add(checkpoint.getName() + " best " + best);
              if (judged.size() == 2) {
                throw new IOException("the process is dead");
              }
              return 0.1 * judged.size();
            });
    assertThatThrownBy(() -> train(run, folder("watched"), validation))
        .hasMessageContaining("the process is dead");
    assertThat(run.run(2, 0, validation).finished(folder("watched"))).isFalse();
    assertThat(train(run, folder("watched"), validation)).isEqualTo(End.FINISHED);
    assertThat(run.run(2, 0, validation).finished(folder("watched"))).isTrue();
    assertThat(judged)
        .containsExactly(
            "step-00000012 best -1.0", "step-00000018 best 0.1", "step-00000018 best 0.1");
    assertThat(events(folder("watched")))
        .extracting(RoundMetrics::validation)
        .containsExactly(null, null, null, null, null, 0.1, null, null, 0.1 * 3);
    assertThat(state(folder("watched"))).isEqualTo(state(folder("plain")));
  }

  private static List<RoundMetrics> events(RunFolder folder) {
    return EventLog.read(new Configuration(), folder.events("tiny"));
  }

  private static List<Long> rounds(RunFolder folder) {
    return events(folder).stream().map(RoundMetrics::round).toList();
  }

  @Test
  void keepsMomentumAndLocalMomentsUnderTheirNames() throws Exception {
    TinyRun run = runs().get(4);
    train(run, folder("named"));
    StateShape shape = new StateShape(run.training(), run.rule(), 2);
    List<StatePart> parts = shape.parts();
    assertThat(parts.stream().map(StatePart::prefix))
        .containsExactly(
            "",
            "outer_momentum.",
            "replica.0.first_moment.",
            "replica.0.second_moment.",
            "replica.1.first_moment.",
            "replica.1.second_moment.");
    Map<StatePart, Parameters> read =
        new CheckpointFolder(
                new Configuration(), folder("named").checkpoints("tiny").newest().orElseThrow())
            .read(shape.layout(), parts);
    assertThat(read.get(parts.get(3)).get(0)).isNotEqualTo(read.get(parts.get(5)).get(0));
    assertThat(read.get(parts.get(1)).digest())
        .isNotEqualTo(Parameters.zero(shape.layout()).digest());
  }

  @Test
  void skipsBadStepsAndCountsThem() throws Exception {
    // one of the 24 clips is bad at this rate: one step an epoch is skipped
    TinyRun run = TinyRun.of(CLIPS, 2, TallyEngine.NAME).at(0.6);
    train(run, folder("bad"));
    List<RoundMetrics> events = events(folder("bad"));
    assertThat(events.stream().mapToInt(RoundMetrics::skipped).sum()).isEqualTo(2);
    assertThat(events).allMatch(event -> event.rollbacks() == 0);
  }

  @Test
  void goesBackToLowerRatesWhereStepsStayBad() throws Exception {
    train(BAD, folder("bad"));
    List<RoundMetrics> events = events(folder("bad"));
    assertThat(events).hasSize((int) BAD.rounds().count());
    // every round has a bad step; the sixth is one too many, the last checkpoint has four rounds
    for (RoundMetrics event : events) {
      boolean before = event.round() < 4;
      assertThat(event.skipped()).isEqualTo(before ? 1 : 0);
      assertThat(event.rollbacks()).isEqualTo(before ? 0 : 1);
      assertThat(event.learningRate()).isEqualTo(before ? 0.9 : 0.45);
    }
  }

  @Test
  void stopsWithTheClipsWhereLowerRatesDoNotHelp() {
    TinyRun hopeless = TinyRun.of(8, 16, TallyEngine.NAME).at(100);
    assertThatThrownBy(() -> train(hopeless, folder("hopeless")))
        .isInstanceOf(DivergedException.class)
        .hasMessageContaining("tiny: 6 steps in a row")
        .hasMessageContaining("clip7#0")
        .hasMessageContaining("Rolled back 2 times")
        .hasMessageContaining("the last good state is");
  }

  @Test
  void refusesARunThatAnotherProcessWrites() throws Exception {
    TinyRun run = TinyRun.of(CLIPS, 1, TallyEngine.NAME);
    try (RunLease lease = RunLease.acquire(folder("shared"), TERMS)) {
      assertThatThrownBy(() -> train(run, folder("shared")))
          .isInstanceOf(BusyException.class)
          .hasMessageContaining("lease.json")
          .hasMessageContaining("writes this run");
      lease.requireHeld();
    }
  }
}
