package io.tubelet.spark.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tubelet.model.ModelSize;
import io.tubelet.model.ModelSpec;
import io.tubelet.spark.files.Failure.StateException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointsTest {
  private static final ModelSpec MODEL = TinyRun.MODEL;

  @TempDir private Path folder;
  private Checkpoints checkpoints;

  @BeforeEach
  void open() {
    checkpoints = new Checkpoints(new Configuration(), hadoop(folder));
  }

  private static org.apache.hadoop.fs.Path hadoop(Path path) {
    return new org.apache.hadoop.fs.Path(path.toUri());
  }

  private void save(long step, int keep) throws IOException {
    checkpoints.save(Found.state(step), Found.progress(step), List.of(), keep);
  }

  @Test
  void loadsTheSameBitsAndProgress() throws IOException {
    save(7, 3);
    Found loaded = Found.in(checkpoints, MODEL).orElseThrow();
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
    assertThat(Found.in(checkpoints, MODEL).orElseThrow().progress().step()).isEqualTo(1);
  }

  @Test
  void passesOverOneWithAFlippedByte() throws IOException {
    save(1, 5);
    save(2, 5);
    Path weights = folder.resolve("step-00000002/model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length - 100] ^= 1;
    Files.write(weights, bytes);
    assertThat(Found.in(checkpoints, MODEL).orElseThrow().progress().step()).isEqualTo(1);
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
}
