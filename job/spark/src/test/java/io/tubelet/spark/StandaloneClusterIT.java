package io.tubelet.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.spark.LoopbackCluster.Result;
import io.tubelet.spark.LoopbackCluster.Running;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.stage.Outcome;
import io.tubelet.spark.stage.Stages;
import io.tubelet.spark.train.EventLog;
import io.tubelet.train.RoundMetrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The job as a user submits it, on a Master and two Workers that are processes of their own on the
 * loopback address.
 */
class StandaloneClusterIT {
  private static final int ROUNDS = 60;

  /** Rounds for which a worker can be lost, come back and start an executor. */
  private static final int LONG = 180;

  @TempDir private static Path folder;
  private static LoopbackCluster cluster;

  @BeforeAll
  static void prepare() throws IOException, InterruptedException {
    cluster = LoopbackCluster.start(folder, Map.of(), "2", "2", "2g");
    Map<String, String> sent = Map.of("TUBELET_NODE_LIB", "");
    cluster.submit(sent, "prepare", cluster.tiny()).requireDone();
  }

  @AfterAll
  static void stop() throws IOException {
    cluster.close();
  }

  @Test
  void trainsTwoRoundsWithDl4jsMaster() throws IOException, InterruptedException {
    Path run = folder.resolve("dl4j");
    cluster
        .submit(
            Map.of(),
            "pretrain",
            cluster.tiny(),
            "master.kind=dl4j",
            "run.dir=" + run,
            "data.store=" + folder.resolve("run/store"))
        .requireDone();
    assertThat(events(run)).hasSize(2).allMatch(event -> Double.isFinite(event.loss()));
    assertThat(run.resolve("pretrain/checkpoints/step-00000003/state.json")).exists();
  }

  private static List<RoundMetrics> events(Path run) {
    return EventLog.read(
        new Configuration(),
        new org.apache.hadoop.fs.Path(run.toString(), "pretrain/events.jsonl"));
  }

  @Test
  void tellsADriverWithoutDataWhatIsMissing() throws IOException, InterruptedException {
    Result failed =
        cluster.submit(
            Map.of(), "pretrain", cluster.tiny(), "data.store=" + folder.resolve("nowhere"));
    assertThat(failed.exit()).isEqualTo(6);
    assertThat(failed.output()).contains("tubelet: no cube store at").doesNotContain("\tat ");
  }

  /** Epochs of three steps, each a round. */
  private static List<String> training(Path run, int every, int rounds) {
    return List.of(
        "run.dir=" + run,
        "data.store=" + folder.resolve("run/store"),
        "pretrain.averaging.period=1",
        "pretrain.epochs=" + rounds / 3,
        "training.checkpoint.every-rounds=" + every,
        "training.checkpoint.keep=2");
  }

  /** Digest of the weights after the same training in this process. */
  private static String local(int rounds) throws IOException, InterruptedException {
    Path run = folder.resolve("local-" + rounds);
    if (!Files.isDirectory(run)) {
      JobConfig config =
          JobConfig.load(cluster.tiny(), training(run, rounds, rounds), new Configuration());
      Outcome outcome = Stages.all().get("pretrain").run(config, LocalSpark.session());
      assertThat(outcome.status()).isEqualTo(Outcome.Status.DONE);
    }
    return weights(run, rounds);
  }

  private static Running train(Path run, int every, int rounds, Map<String, String> environment)
      throws IOException {
    List<String> words = new ArrayList<>(List.of("pretrain", cluster.tiny()));
    words.addAll(training(run, every, rounds));
    return cluster.begin(environment, words.toArray(String[]::new));
  }

  private static String weights(Path run, int rounds) throws IOException {
    Path last = run.resolve("pretrain/checkpoints/step-%08d".formatted(rounds));
    return DigestUtils.sha256Hex(Files.readAllBytes(last.resolve("model.safetensors")));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void theBitsDoNotDependOnTheNumberOfExecutors(int executors)
      throws IOException, InterruptedException {
    Path run = folder.resolve("executors-" + executors);
    int before = executors(1) + executors(2);
    train(
            run,
            ROUNDS,
            ROUNDS,
            Map.of("TUBELET_EXECUTORS", Integer.toString(executors), "TUBELET_EXECUTOR_CORES", "1"))
        .result()
        .requireDone();
    assertThat(executors(1) + executors(2) - before).isEqualTo(executors);
    assertThat(weights(run, ROUNDS)).isEqualTo(local(ROUNDS));
  }

  @Test
  void norOnAWorkerThatIsLostAndComesBack() throws IOException, InterruptedException {
    Path run = folder.resolve("stormy");
    Running running = train(run, 1, LONG, Map.of());
    await(running, run, 5);
    int before = executors(2);
    cluster.worker("lose", 2);
    await(running, run, newest(run) + 5);
    cluster.worker("return", 2);
    Result disturbed = running.result();
    disturbed.requireDone();
    assertThat(disturbed.output()).contains("Lost executor");
    assertThat(executors(2)).as("executors of the lost worker").isGreaterThan(before);
    assertThat(weights(run, LONG)).isEqualTo(local(LONG));
    List<RoundMetrics> events = events(run);
    assertThat(events)
        .extracting(RoundMetrics::round)
        .containsExactlyElementsOf(LongStream.range(0, LONG).boxed().toList());
    assertThat(events).allMatch(event -> event.skipped() == 0 && event.quarantined() == 0);
  }

  @Test
  void aDriverThatIsAskedToStopLeavesWithOneLineAndTheSameCommandResumes()
      throws IOException, InterruptedException {
    Path run = folder.resolve("stopped");
    Running running = train(run, 4, ROUNDS, Map.of());
    await(running, run, 4);
    running.process().destroy(); // SIGTERM
    Result stopped = running.result();
    assertThat(stopped.exit()).as(stopped.output()).isEqualTo(10);
    assertThat(stopped.output())
        .endsWith("stopped, with a checkpoint to resume from\n")
        .doesNotContain("\tat ", "Exception");
    assertThat(newest(run)).isLessThan(ROUNDS);
    train(run, 4, ROUNDS, Map.of()).result().requireDone();
    assertThat(weights(run, ROUNDS)).isEqualTo(local(ROUNDS));
  }

  /** The line of deploy/README.md, in a folder as a release has it. */
  @Test
  void plainSparkSubmitDoes() throws IOException, InterruptedException {
    Path release = Files.createDirectory(folder.resolve("release"));
    Files.createSymbolicLink(release.resolve("lib"), LoopbackCluster.LIB);
    Files.createSymbolicLink(release.resolve("conf"), LoopbackCluster.PROJECT.resolve("conf"));
    Path run = folder.resolve("plain");
    Matcher documented =
        Pattern.compile("(?s)## Plain spark-submit.*?```\n(.*?)```")
            .matcher(Files.readString(LoopbackCluster.PROJECT.resolve("deploy/README.md")));
    assertThat(documented.find()).isTrue();
    String line =
        documented
            .group(1)
            .replace("spark://HOST:7077", cluster.master())
            .replace("my.conf", cluster.tiny())
            .replace("hdfs:///runs/first", run + " data.store=" + folder.resolve("run/store"));
    Map<String, String> spark =
        Map.of("SPARK_HOME", LoopbackCluster.sparkHome("spark-standalone").toString());
    LoopbackCluster.begin(folder, release, spark, List.of("bash", "-c", line))
        .result()
        .requireDone();
    assertThat(events(run)).hasSize(2);
  }

  /** Waits until a round has its checkpoint. */
  private static void await(Running running, Path run, int round)
      throws IOException, InterruptedException {
    while (newest(run) < round) {
      assertThat(running.process().isAlive()).as("training before round %d", round).isTrue();
      Thread.sleep(50);
    }
  }

  private static int newest(Path run) throws IOException {
    Path checkpoints = run.resolve("pretrain/checkpoints");
    if (!Files.isDirectory(checkpoints)) {
      return 0;
    }
    try (Stream<Path> steps = Files.list(checkpoints)) {
      return steps
          .map(step -> step.getFileName().toString())
          .filter(name -> name.matches("step-\\d+"))
          .mapToInt(name -> Integer.parseInt(name.substring("step-".length())))
          .max()
          .orElse(0);
    }
  }

  /** How many executors a worker has had, over all applications. */
  private static int executors(int worker) throws IOException {
    try (Stream<Path> below =
        Files.find(folder.resolve("cluster/work" + worker), 2, (path, attributes) -> true)) {
      return (int) below.filter(path -> path.getFileName().toString().matches("\\d+")).count();
    }
  }
}
