package io.tubelet.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.spark.run.Event;
import io.tubelet.spark.run.EventLog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
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
  private static final Path PROJECT = Path.of("../..").toAbsolutePath().normalize();

  @TempDir private static Path folder;
  private static String master;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    Result started = run(List.of("deploy/standalone/loopback-cluster.sh", "start", cluster()));
    assertThat(started.exit).as(started.output).isZero();
    master = started.output.strip();
  }

  @AfterAll
  static void stop() throws IOException, InterruptedException {
    run(List.of("deploy/standalone/loopback-cluster.sh", "stop", cluster()));
  }

  private static String cluster() {
    return folder.resolve("cluster").toString();
  }

  private record Result(int exit, String output) {}

  private static Result run(List<String> command) throws IOException, InterruptedException {
    Path log = Files.createTempFile(folder, "command", ".log");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(PROJECT.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().remove("SPARK_HOME"); // it is that of executors which this JVM starts
    if (master != null) {
      builder.environment().put("TUBELET_MASTER", master);
    }
    Path lib = PROJECT.resolve("job/spark/target/dist/lib");
    builder.environment().put("TUBELET_NODE_LIB", lib.toString());
    builder.environment().put("TUBELET_DRIVER_MEMORY", "1g");
    Process process = builder.start();
    if (!process.waitFor(5, TimeUnit.MINUTES)) {
      process.destroy();
    }
    return new Result(process.waitFor(), Files.readString(log, StandardCharsets.UTF_8));
  }

  private Result submit(String stage, String... settings) throws IOException, InterruptedException {
    Path conf = folder.resolve("tiny.conf");
    Files.writeString(
        conf,
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
            .formatted(folder.resolve("run")));
    List<String> command =
        new ArrayList<>(List.of("deploy/submit.sh", "standalone", stage, conf.toString()));
    command.addAll(List.of(settings));
    return run(command);
  }

  @ParameterizedTest
  @ValueSource(strings = {"dl4j", "rounds"})
  void trainsTwoRoundsOnTwoWorkers(String kind) throws IOException, InterruptedException {
    Result prepared = submit("prepare");
    assertThat(prepared.exit).as(prepared.output).isZero();
    String dir = folder.resolve("run-" + kind).toString();
    String store = "data.store=" + folder.resolve("run/store");
    Result trained = submit("pretrain", "master.kind=" + kind, "run.dir=" + dir, store);
    assertThat(trained.exit).as(trained.output).isZero();
    List<Event> events =
        EventLog.read(
            new Configuration(), new org.apache.hadoop.fs.Path(dir, "pretrain/events.jsonl"));
    assertThat(events).hasSize(2).allMatch(event -> Double.isFinite(event.loss()));
    assertThat(Path.of(dir, "pretrain/checkpoints/step-00000003/state.json")).exists();
  }

  @Test
  void tellsADriverWithoutDataWhatIsMissing() throws IOException, InterruptedException {
    Result failed = submit("pretrain", "data.store=" + folder.resolve("nowhere"));
    assertThat(failed.exit).isEqualTo(6);
    assertThat(failed.output).contains("tubelet: no cube store at").doesNotContain("\tat ");
  }
}
