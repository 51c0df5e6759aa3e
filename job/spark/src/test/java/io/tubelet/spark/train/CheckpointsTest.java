package io.tubelet.spark.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tubelet.model.ModelSize;
import io.tubelet.model.ModelSpec;
import io.tubelet.spark.files.Failure.StateException;
import io.tubelet.train.TrainState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointsTest {
  private static final ModelSpec MODEL = TinyRun.MODEL;

  @TempDir private Path folder;
  private Checkpoints checkpoints;

  @BeforeEach
  void open() {
    checkpoints = in(new Configuration());
  }

  @AfterEach
  void recover() {
    CrashingFileSystem.recover();
  }

  private Checkpoints in(Configuration hadoop) {
    return new Checkpoints(hadoop, hadoop(folder));
  }

  private static org.apache.hadoop.fs.Path hadoop(Path path) {
    return new org.apache.hadoop.fs.Path(path.toUri());
  }

  private void save(long step, int keep) throws IOException {
    save(checkpoints, step, keep);
  }

  private static void save(Checkpoints to, long step, int keep) throws IOException {
    to.save(Found.state(step), Found.progress(step), List.of(), keep);
  }

  /** What a new process finds. */
  private Found found() {
    CrashingFileSystem.recover();
    return Found.in(checkpoints, MODEL).orElseThrow();
  }

  @Test
  void loadsTheSameBitsAndProgress() throws IOException {
    save(7, 3);
    Found loaded = found();
    assertThat(loaded.state()).isEqualTo(Found.state(7));
    assertThat(loaded.progress()).isEqualTo(new Progress("s", 3, 7, false));
  }

  @Test
  void keepsTheNewest() throws IOException {
    for (long step = 1; step <= 12; step++) {
      save(step, 2);
    }
    try (var folders = Files.list(folder)) {
      assertThat(folders.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder("step-00000011", "step-00000012");
    }
  }

  @Test
  void passesOverOneThatWasCutShort() throws IOException {
    save(1, 5);
    save(2, 5);
    Files.delete(folder.resolve("step-00000002/state.json"));
    assertThat(found().progress().step()).isEqualTo(1);
  }

  @Test
  void passesOverOneWithAFlippedByte() throws IOException {
    save(1, 5);
    save(2, 5);
    Path weights = folder.resolve("step-00000002/model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length - 100] ^= 1;
    Files.write(weights, bytes);
    assertThat(found().progress().step()).isEqualTo(1);
    assertThatThrownBy(
            () ->
                Found.in(
                    new CheckpointFolder(
                        new Configuration(), hadoop(folder.resolve("step-00000002"))),
                    MODEL))
        .isInstanceOf(StateException.class)
        .hasMessageContaining("model.safetensors is damaged");
  }

  @Test
  void namesTheFirstTensorOfAnotherShape() throws IOException {
    save(1, 5);
    ModelSpec other = ModelSize.MINI.pretraining(MODEL.geometry());
    assertThatThrownBy(() -> Found.in(checkpoints, other))
        .isInstanceOf(StateException.class)
        .hasMessageContaining("patch_embeddings.projection.weight has shape [24, 3, 2, 4, 4]")
        .hasMessageContaining("[192, 3, 2, 4, 4]");
  }

  @Test
  void hasNoneInAnEmptyFolder() {
    assertThat(Found.in(checkpoints, MODEL)).isEmpty();
    assertThat(checkpoints.newest()).isEmpty();
  }

  @Test
  void writesTheConfigThatHuggingFaceReads() throws IOException {
    save(1, 1);
    String config = Files.readString(folder.resolve("step-00000001/config.json"));
    assertThat(config)
        .contains("\"model_type\" : \"videomae\"")
        .contains("\"architectures\" : [ \"VideoMAEForPreTraining\" ]")
        .contains("\"decoder_num_hidden_layers\" : 1")
        .contains("\"norm_pix_loss\" : true");
  }

  @Test
  void aProcessThatDiesAtAnyChangeLeavesTheOldOrTheNewCheckpoint() throws IOException {
    Checkpoints dying = in(CrashingFileSystem.configuration());
    save(dying, 1, 2);
    save(dying, 2, 2);
    List<Long> found = new ArrayList<>();
    int change = 0;
    for (boolean whole = false; !whole; change++) {
      CrashingFileSystem.dieAtChange(change);
      try {
        save(dying, 3, 2);
        whole = true;
      } catch (IOException e) {
        assertThat(CrashingFileSystem.changes()).isGreaterThan(change);
      }
      TrainState state = found().state();
      found.add(state.step());
      assertThat(state).isEqualTo(Found.state(state.step()));
    }
    // written, made visible by the last rename, and only then is the oldest removed
    assertThat(change).isGreaterThan(10);
    assertThat(found).isSorted().contains(2L, 3L).doesNotContain(1L);
    save(4, 2);
    assertThat(found().state()).isEqualTo(Found.state(4));
  }

  @Test
  void aDiskThatIsFullLeavesTheOldOneAndNoRubbish() throws IOException {
    Checkpoints filling = in(CrashingFileSystem.configuration());
    save(filling, 1, 2);
    for (long bytes : new long[] {0, 1_000, 50_000, 100_000}) {
      CrashingFileSystem.fillDiskAfter(bytes);
      assertThatThrownBy(() -> save(filling, 2, 2))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("step-00000002/")
          .hasMessageContaining("No space left on device");
      assertThat(found().state()).isEqualTo(Found.state(1));
      try (var files = Files.walk(folder)) {
        assertThat(files.map(file -> file.getFileName().toString()))
            .noneMatch(name -> name.matches("\\..*safetensors\\.[0-9a-f-]{36}"));
      }
    }
    save(filling, 2, 2);
    assertThat(found().state()).isEqualTo(Found.state(2));
  }

  @Test
  void oneOutOfTurnStaysOnlyWhileItIsTheNewest() throws IOException {
    save(1, 2);
    save(2, 2);
    Progress extra = new Progress("s", 3, 3, false, new Progress.NonFinite(4, 1), true);
    checkpoints.save(Found.state(3), extra, List.of(), 1);
    assertThat(found().progress()).isEqualTo(extra);
    assertThat(folder.resolve("step-00000002/state.json")).exists();
    assertThat(folder.resolve("step-00000001")).doesNotExist();
    save(4, 2);
    assertThat(folder.resolve("step-00000003")).doesNotExist();
  }
}
