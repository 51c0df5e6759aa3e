package io.tubelet.spark.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.spark.LocalSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Executors that are processes of their own make the store that a single thread makes. */
class SameStoreIT {
  @TempDir private static Path folder;
  private static CubeStore undisturbed;

  @BeforeAll
  static void prepareInOneThread() throws IOException {
    PreparingProcess.makeVideos(Files.createDirectory(folder.resolve("videos")), 12);
    LocalSpark.session().stop();
    undisturbed = PreparingProcess.prepare("local[1]", folder, "store");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void whateverTheNumberOfExecutors(int executors) throws IOException {
    CubeStore store =
        PreparingProcess.prepare(
            "local-cluster[%d,1,512]".formatted(executors), folder, "of" + executors);
    assertThat(store.manifest().digest()).isEqualTo(undisturbed.manifest().digest());
    assertThat(store.clips()).hasSize(24).isEqualTo(undisturbed.clips());
    assertThat(store.quarantined()).hasSize(1).isEqualTo(undisturbed.quarantined());
  }
}
