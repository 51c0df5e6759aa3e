package io.tubelet.spark.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tubelet.spark.LocalSpark;
import io.tubelet.spark.failure.DataException;
import io.tubelet.spark.failure.StateException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CubeStoreTest {
  @TempDir private Path folder;

  private CubeStore open() {
    return CubeStore.open(LocalSpark.session(), new org.apache.hadoop.fs.Path(folder.toUri()));
  }

  @Test
  void readsEveryClipByItsPlaceInAnyOrder() {
    CubeStore made = TinyStore.make(folder, 12, 2, 8);
    CubeStore store = open();
    assertThat(store.clips()).isEqualTo(made.clips()).hasSize(12);
    try (ClipReader reader = new ClipReader(new Configuration(), store.root())) {
      for (int i : new int[] {11, 0, 7, 5, 7}) {
        assertThat(reader.read(store.clips().get(i))).isEqualTo(TinyStore.frames(i, 2, 8));
      }
    }
  }

  @Test
  void keepsLabelsCountsAndQuarantine() {
    TinyStore.make(folder, 12, 2, 8);
    CubeStore store = open();
    assertThat(store.manifest().labels()).containsExactly("a", "b");
    assertThat(store.manifest().shards()).hasSize(3);
    assertThat(store.quarantined()).singleElement().matches(q -> q.reason().equals("EMPTY_FILE"));
  }

  @Test
  void isTheSameStoreWhenMadeAgain(@TempDir Path other) {
    assertThat(TinyStore.make(folder, 12, 2, 8).manifest().digest())
        .isEqualTo(TinyStore.make(other, 12, 2, 8).manifest().digest());
  }

  @Test
  void isNoStoreWithoutItsManifest() throws IOException {
    TinyStore.make(folder, 3, 2, 8);
    Files.delete(folder.resolve("store.json"));
    assertThatThrownBy(this::open)
        .isInstanceOf(StateException.class)
        .hasMessageContaining("no cube store at")
        .hasMessageContaining("prepare");
  }

  @Test
  void namesADamagedManifest() throws IOException {
    TinyStore.make(folder, 3, 2, 8);
    Files.delete(folder.resolve(".store.json.crc"));
    Files.writeString(folder.resolve("store.json"), "{\"recipe\": ");
    assertThatThrownBy(this::open)
        .isInstanceOf(StateException.class)
        .hasMessageContaining("store.json is damaged");
  }

  @Test
  void namesAShardThatCannotBeRead() throws IOException {
    CubeStore store = TinyStore.make(folder, 3, 2, 8);
    Files.delete(folder.resolve("shards/.shard-00000.arrow.crc"));
    Files.writeString(folder.resolve("shards/shard-00000.arrow"), "not an Arrow file");
    try (ClipReader reader = new ClipReader(new Configuration(), store.root())) {
      assertThatThrownBy(() -> reader.read(store.clips().get(0)))
          .isInstanceOf(StateException.class)
          .hasMessageContaining("shard-00000.arrow");
    }
  }

  @Test
  void leavesTheOldFileWhenAWriteFails() throws IOException {
    org.apache.hadoop.fs.Path target =
        new org.apache.hadoop.fs.Path(folder.resolve("file").toUri());
    DurableFile.write(new Configuration(), target, out -> out.write(1));
    assertThatThrownBy(
            () ->
                DurableFile.write(
                    new Configuration(),
                    target,
                    out -> {
                      out.write(new byte[] {2, 2, 2});
                      throw new IOException("disk is full");
                    }))
        .hasMessageContaining("file")
        .hasMessageContaining("disk is full");
    assertThat(Files.readAllBytes(folder.resolve("file"))).containsExactly(1);
    try (var files = Files.list(folder)) {
      assertThat(files.map(f -> f.getFileName().toString()).filter(f -> !f.endsWith(".crc")))
          .containsExactly("file");
    }
  }

  @Test
  void refusesALabelThatTrainingNeverSaw() {
    assertThatThrownBy(() -> new Labels(List.of("a", "b")).index("c"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("label 'c' was not seen in training");
  }
}
