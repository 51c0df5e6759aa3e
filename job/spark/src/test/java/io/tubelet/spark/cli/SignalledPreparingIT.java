package io.tubelet.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.spark.LocalSpark;
import io.tubelet.spark.data.CubeStore;
import io.tubelet.video.motion.MotionSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.codec.digest.DigestUtils;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The program itself, sent what a terminal, a scheduler or the kernel sends to a process and its
 * children while they decode: no healthy video is lost by it, and the same command goes on to the
 * same bits.
 */
class SignalledPreparingIT {
  private static final int VIDEOS = 160;
  private static final int PER_SHARD = 2;

  @TempDir private static Path folder;
  private static String undisturbed;

  @BeforeAll
  static void prepareUndisturbed() throws IOException {
    MotionSet set = new MotionSet(new MotionSet.Spec(1, 16, 12), new MotionSet.Counts(0, 0, 6));
    Path videos = Files.createDirectory(folder.resolve("videos"));
    for (int i = 0; i < VIDEOS; i++) {
      Files.write(videos.resolve(i + ".mp4"), set.file(set.items().get(i % set.items().size())));
    }
    assertThat(PeoplesCasesTest.run("prepare", words("one"))).endsWith("0");
    undisturbed = manifest("one").digest();
  }

  private static List<String> words(String run, String... more) {
    List<String> words =
        new ArrayList<>(
            List.of(
                "run.dir=" + folder.resolve(run),
                "data.pretrain.source=" + folder.resolve("videos"),
                "data.shard-clips=" + PER_SHARD));
    words.addAll(List.of(more));
    return words;
  }

  private static CubeStore.Manifest manifest(String run) {
    org.apache.hadoop.fs.Path root =
        new org.apache.hadoop.fs.Path(folder.resolve(run).resolve("store/pretrain").toUri());
    return CubeStore.manifest(LocalSpark.session(), root).orElseThrow();
  }

  /**
   * A process group of its own, in which no signal is switched off, of a locale with digits of its
   * own.
   */
  private static Process start(String verb, List<String> words) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "env",
                "--default-signal=INT,HUP",
                "setsid",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + Path.of("../../conf/java-opens.args").toAbsolutePath(),
                "-Xmx512m",
                "-Duser.language=fa",
                "-Dspark.master=local[2]",
                "-Dspark.driver.host=127.0.0.1",
                "-Dspark.ui.enabled=false",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                verb));
    command.addAll(PeoplesCasesTest.settings());
    command.addAll(words);
    command.add("data.isolation=process");
    Path log = folder.resolve(words.get(0).replaceAll("\\W", "_") + ".log");
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
  }

  private static void await(Process process, Path folder, String ending) throws Exception {
    boolean there = false;
    while (!there && process.isAlive()) {
      Thread.sleep(20);
      if (Files.isDirectory(folder)) {
        try (Stream<Path> files = Files.list(folder)) {
          there = files.anyMatch(file -> file.toString().endsWith(ending));
        }
      }
    }
    assertThat(there).isTrue();
  }

  private static void send(Process process, String signal) throws Exception {
    if (signal.equals("CHILDREN")) { // as the kernel does for want of memory
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      return;
    }
    new ProcessBuilder("kill", "-s", signal, "--", "-" + process.pid()).start().waitFor();
    if (signal.equals("STOP")) { // longer than a file may take
      Thread.sleep(5000);
      send(process, "CONT");
    }
  }

  @ParameterizedTest
  @CsvSource({"INT, 10", "TERM, 10", "KILL, 137", "STOP, 0", "CHILDREN, 0"})
  void losesNoHealthyVideo(String signal, int code) throws Exception {
    Process process = start("prepare", words(signal, "data.seconds-per-file=1"));
    await(process, folder.resolve(signal).resolve("store/pretrain/shards"), ".json");
    send(process, signal);
    assertThat(process.waitFor()).isEqualTo(code);
    assertThat(PeoplesCasesTest.run("prepare", words(signal))).endsWith("0");
    assertThat(manifest(signal).digest()).isEqualTo(undisturbed);
    assertThat(manifest(signal).quarantined()).isZero();
  }

  @Test
  void twoAtOnceMakeOneStore() throws Exception {
    String store = "data.store=" + folder.resolve("shared/store");
    Process one = start("prepare", words("first", store));
    Process other = start("prepare", words("second", store));
    assertThat(List.of(one.waitFor(), other.waitFor())).contains(0).isSubsetOf(0, 8);
    assertThat(manifest("shared").digest()).isEqualTo(undisturbed);
  }

  private static String[] training() {
    return new String[] {
      "data.read=videos",
      "pretrain.epochs=10",
      "training.checkpoint.every-rounds=1",
      "training.checkpoint.keep=1"
    };
  }

  /** Digest of the weights of a training that has ended: 27 steps an epoch. */
  private static String weights(String run) throws IOException {
    Path last = folder.resolve(run).resolve("pretrain/checkpoints/step-00000270");
    return DigestUtils.sha256Hex(Files.readAllBytes(last.resolve("model.safetensors")));
  }

  @ParameterizedTest
  @CsvSource({"INT", "TERM"})
  void losesNoHealthyVideoOfATrainingThatReadsThem(String signal) throws Exception {
    String run = "training-" + signal;
    Process process = start("pretrain", words(run, training()));
    await(process, folder.resolve(run).resolve("pretrain/checkpoints"), "");
    send(process, signal);
    assertThat(process.waitFor()).isEqualTo(10);
    assertThat(PeoplesCasesTest.run("pretrain", words(run, training()))).endsWith("0");
    if (!Files.isDirectory(folder.resolve("quiet"))) {
      assertThat(PeoplesCasesTest.run("pretrain", words("quiet", training()))).endsWith("0");
    }
    assertThat(weights(run)).isEqualTo(weights("quiet"));
  }
}
