package io.tubelet.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The rig of {@code deploy/standalone/loopback-cluster.sh}, and {@code deploy/submit.sh} on it: a
 * Master and Workers that are processes of their own.
 *
 * @param folder for everything that is written
 * @param master its URL
 */
public record LoopbackCluster(Path folder, String master) implements AutoCloseable {
  static final Path PROJECT = Path.of("../..").toAbsolutePath().normalize();
  private static final String SCRIPT = "deploy/standalone/loopback-cluster.sh";

  /** The libraries of the job, which every worker has at hand. */
  public static final Path LIB = PROJECT.resolve("job/spark/target/dist/lib");

  /** How a command ended. */
  public record Result(int exit, String output) {
    /** Fails with what the command said unless it went well. */
    public void requireDone() {
      assertThat(exit).as(output).isZero();
    }
  }

  /**
   * Starts it.
   *
   * @param size number of workers, cores and memory of each
   */
  public static LoopbackCluster start(Path folder, Map<String, String> environment, String... size)
      throws IOException, InterruptedException {
    Result started = run(folder, environment, command(folder, "start", size));
    started.requireDone();
    return new LoopbackCluster(folder, started.output.strip());
  }

  private static List<String> command(Path folder, String verb, String... words) {
    List<String> command = new ArrayList<>(List.of(SCRIPT, verb, folder + "/cluster"));
    command.addAll(List.of(words));
    return command;
  }

  /** {@code lose} or {@code return} of a worker. */
  public void worker(String verb, int number) throws IOException, InterruptedException {
    run(folder, Map.of(), command(folder, verb, Integer.toString(number))).requireDone();
  }

  /** A command that runs, and the file of what it says. */
  record Running(Process process, Path log) {
    /** Waits for its end, five minutes at most. */
    Result result() throws IOException, InterruptedException {
      if (!process.waitFor(5, TimeUnit.MINUTES)) {
        process.destroy();
      }
      return new Result(process.waitFor(), Files.readString(log, StandardCharsets.UTF_8));
    }
  }

  /** Submits a verb and waits for its end. */
  public Result submit(Map<String, String> environment, String... words)
      throws IOException, InterruptedException {
    return begin(environment, words).result();
  }

  /** Submits a verb; every worker has the libraries unless the environment says otherwise. */
  Running begin(Map<String, String> environment, String... words) throws IOException {
    List<String> command = new ArrayList<>(List.of("deploy/submit.sh", "standalone"));
    command.addAll(List.of(words));
    Map<String, String> all = new HashMap<>();
    all.put("TUBELET_MASTER", master);
    all.put("TUBELET_NODE_LIB", LIB.toString());
    all.put("TUBELET_DRIVER_MEMORY", "1g");
    all.putAll(environment);
    return begin(folder, PROJECT, all, command);
  }

  /** Runs a command in the project's folder and waits for its end. */
  static Result run(Path folder, Map<String, String> environment, List<String> command)
      throws IOException, InterruptedException {
    return begin(folder, PROJECT, environment, command).result();
  }

  /** Starts a command in a folder. */
  static Running begin(
      Path logs, Path folder, Map<String, String> environment, List<String> command)
      throws IOException {
    Path log = Files.createTempFile(logs, "command", ".log");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().remove("SPARK_HOME"); // it is that of executors which this JVM starts
    builder.environment().putAll(environment);
    return new Running(builder.start(), log);
  }

  /**
   * A configuration file: a tiny network on 24 tiny synthetic clips, in six steps of two rounds.
   */
  public String tiny() throws IOException {
    return tiny(folder, folder.resolve("run").toString());
  }

  /** The same for another run folder. */
  static String tiny(Path folder, String run) throws IOException {
    return Files.writeString(
            folder.resolve("tiny.conf"),
            """
            tubelet {
              run.dir = "%s"
              data.motion { size = 16, frames = 8, train-per-class = 1, test-per-class = 1, unlabelled = 24 }
              data.pretrain { source = motion, stride = 1 }
              data.short-side = 16
              data.shard-clips = 8
              model { size = tiny, geometry { frames = 4, height = 16, width = 16, patch = 8 } }
              masking.ratio = 0.5
              pretrain { epochs = 1, batch = 4, replicas = 2, warmup-epochs = 0, averaging.period = 2 }
            }
            """
                .formatted(run))
        .toString();
  }

  /**
   * A Spark with {@code bin/spark-submit}, as a distribution has it: the jars of the bundled one,
   * and more of this JVM's by their names.
   *
   * @param name of its folder, which stays when the tests have ended
   */
  static Path sparkHome(String name, String... more) throws IOException {
    Path dist = PROJECT.resolve("job/spark/target/dist/spark/jars");
    if (!Files.isDirectory(dist)) {
      System.out.println("skipped: no " + dist);
      abort("no " + dist);
    }
    Path folder = Path.of("target", name).toAbsolutePath();
    Path jars = Files.createDirectories(folder.resolve("jars"));
    List<Path> all = new ArrayList<>();
    try (Stream<Path> bundled = Files.list(dist)) {
      bundled.forEach(all::add);
    }
    for (String entry : System.getProperty("java.class.path").split(":", -1)) {
      Path jar = Path.of(entry);
      if (Stream.of(more).anyMatch(jar.getFileName().toString()::startsWith)) {
        all.add(jar);
      }
    }
    for (Path jar : all) {
      Path link = jars.resolve(jar.getFileName());
      Files.deleteIfExists(link);
      Files.createSymbolicLink(link, jar);
    }
    Path submit = Files.createDirectories(folder.resolve("bin")).resolve("spark-submit");
    Files.writeString(
        submit,
        """
        #!/usr/bin/env bash
        export SPARK_HOME=%s SPARK_SCALA_VERSION=2.12
        { read -r; mapfile -d '' words; } < <(java -Xmx128m -cp "$SPARK_HOME/jars/*" \
          org.apache.spark.launcher.Main org.apache.spark.deploy.SparkSubmit "$@")
        exec "${words[@]}"
        """
            .formatted(folder));
    assertThat(submit.toFile().setExecutable(true)).isTrue();
    return folder;
  }

  @Override
  public void close() throws IOException {
    try {
      run(folder, Map.of(), command(folder, "stop"));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
