package io.tubelet.spark.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tubelet.model.ModelSpec;
import io.tubelet.train.TrainState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Writing a checkpoint is cut short; what is found afterwards is whole. */
class CheckpointFaultsTest {
  private static final ModelSpec MODEL = TinyRun.MODEL;

  @TempDir private Path folder;

  @AfterEach
  void recover() {
    CrashingFileSystem.recover();
  }

  private Checkpoints checkpoints(Configuration hadoop) {
    return new Checkpoints(hadoop, new org.apache.hadoop.fs.Path(folder.toUri()));
  }

  private static void save(Checkpoints checkpoints, long step) throws IOException {
    checkpoints.save(Found.state(step), Found.progress(step), List.of(), 2);
  }

  /** What a new process finds. */
  private TrainState found() {
    CrashingFileSystem.recover();
    return Found.in(checkpoints(new Configuration()), MODEL).orElseThrow().state();
  }

  @Test
  void aProcessThatDiesAtAnyChangeLeavesTheOldOrTheNewCheckpoint() throws IOException {
    Checkpoints dying = checkpoints(CrashingFileSystem.configuration());
    save(dying, 1);
    save(dying, 2);
    List<Long> found = new ArrayList<>();
    int change = 0;
    for (boolean whole = false; !whole; change++) {
      CrashingFileSystem.dieAtChange(change);
      try {
        save(dying, 3);
        whole = true;
      } catch (IOException e) {
        assertThat(CrashingFileSystem.changes()).isGreaterThan(change);
      }
      TrainState state = found();
      found.add(state.step());
      assertThat(state).isEqualTo(Found.state(state.step()));
    }
    // written, made visible by the last rename, and only then is the oldest removed
    assertThat(change).isGreaterThan(10);
    assertThat(found).isSorted().contains(2L, 3L).doesNotContain(1L);
    save(checkpoints(new Configuration()), 4);
    assertThat(found()).isEqualTo(Found.state(4));
  }

  @Test
  void aDiskThatIsFullLeavesTheOldOneAndNoRubbish() throws IOException {
    Checkpoints filling = checkpoints(CrashingFileSystem.configuration());
    save(filling, 1);
    for (long bytes : new long[] {0, 1_000, 50_000, 100_000}) {
      CrashingFileSystem.fillDiskAfter(bytes);
      assertThatThrownBy(() -> save(filling, 2))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("step-00000002/")
          .hasMessageContaining("No space left on device");
      assertThat(found()).isEqualTo(Found.state(1));
      try (var files = Files.walk(folder)) {
        assertThat(files.map(file -> file.getFileName().toString()))
            .noneMatch(name -> name.matches("\\..*safetensors\\.[0-9a-f-]{36}"));
      }
    }
    save(filling, 2);
    assertThat(found()).isEqualTo(Found.state(2));
  }

  @Test
  void oneOutOfTurnStaysOnlyWhileItIsTheNewest() throws IOException {
    Checkpoints checkpoints = checkpoints(new Configuration());
    save(checkpoints, 1);
    save(checkpoints, 2);
    Progress extra = new Progress("s", 3, 3, false, new Progress.NonFinite(4, 1), true);
    checkpoints.save(Found.state(3), extra, List.of(), 1);
    assertThat(Found.in(checkpoints, MODEL).orElseThrow().progress()).isEqualTo(extra);
    assertThat(folder.resolve("step-00000002/state.json")).exists();
    assertThat(folder.resolve("step-00000001")).doesNotExist();
    save(checkpoints, 4);
    assertThat(folder.resolve("step-00000003")).doesNotExist();
  }
}
