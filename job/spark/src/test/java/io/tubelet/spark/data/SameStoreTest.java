package io.tubelet.spark.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.spark.LocalSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The bytes of a store depend on the videos and the recipe alone. */
class SameStoreTest {
  private static final int VIDEOS = 24; // of two clips each, four clips a shard

  @TempDir private static Path folder;
  private static CubeStore undisturbed;

  @BeforeAll
  static void prepareUndisturbed() throws IOException {
    Path videos = Files.createDirectory(folder.resolve("videos"));
    PreparingProcess.makeVideos(videos, VIDEOS);
    LocalSpark.session().stop();
    undisturbed = PreparingProcess.prepare("local[1]", folder, "one");
  }

  private static void requireSame(CubeStore store) {
    assertThat(store.manifest().digest()).isEqualTo(undisturbed.manifest().digest());
    assertThat(store.clips()).hasSize(2 * VIDEOS).isEqualTo(undisturbed.clips());
    assertThat(store.quarantined()).hasSize(1).isEqualTo(undisturbed.quarantined());
  }

  @Test
  void whateverTheNumberOfTasksAtATime() throws IOException {
    requireSame(PreparingProcess.prepare("local[2]", folder, "two"));
    requireSame(PreparingProcess.prepare("local[4]", folder, "four"));
  }

  @Test
  void afterAKillInTheMiddleOfIt() throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + Path.of("../../conf/java-opens.args").toAbsolutePath(),
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                PreparingProcess.class.getName(),
                folder.resolve("videos").toString(),
                folder.resolve("killed").toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("killed.log").toFile())
            .start();
    while (complete().size() < 3 && process.isAlive()) {
      Thread.sleep(20);
    }
    process.destroyForcibly(); // SIGKILL
    assertThat(process.waitFor()).isEqualTo(137);
    Map<Path, FileTime> before = complete();
    assertThat(before).hasSizeBetween(3, VIDEOS / 2);
    assertThat(folder.resolve("killed/store.json")).doesNotExist();

    requireSame(PreparingProcess.prepare("local[2]", folder, "killed"));
    assertThat(complete()).containsAllEntriesOf(before).hasSize(VIDEOS / 2 + 1);
  }

  /** The shards that have a manifest, and when they were written. */
  private static Map<Path, FileTime> complete() throws IOException {
    Map<Path, FileTime> complete = new HashMap<>();
    Path shards = folder.resolve("killed/shards");
    if (Files.isDirectory(shards)) {
      try (var files = Files.list(shards)) {
        for (Path manifest : files.filter(SameStoreTest::isManifest).toList()) {
          complete.put(manifest, Files.getLastModifiedTime(manifest));
        }
      }
    }
    return complete;
  }

  private static boolean isManifest(Path file) {
    String name = file.getFileName().toString();
    return name.startsWith("shard") && name.endsWith(".json");
  }
}
