package io.tubelet.spark.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tubelet.clip.Frames;
import io.tubelet.spark.LocalSpark;
import io.tubelet.spark.files.Failure.DataException;
import io.tubelet.spark.files.Failure.StateException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.arrow.compression.CommonsCompressionFactory;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.ipc.ArrowFileReader;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

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
    try (ClipReader reader = store.reader(new Configuration())) {
      for (int i : new int[] {11, 0, 7, 5, 7}) {
        assertThat(reader.read(store.clips().get(i))).isEqualTo(TinyStore.frames(i, 2, 8));
      }
    }
  }

  @Test
  void lendsClipsInTheSameMemoryAndGivesThemInTheirOwn() {
    CubeStore store = TinyStore.make(folder, 12, 2, 8);
    try (ClipReader reader = store.reader(new Configuration())) {
      Frames given = reader.read(store.clips().get(3));
      byte[] lent = reader.lend(store.clips().get(0)).bytes();
      for (int i : new int[] {9, 4}) {
        assertThat(reader.lend(store.clips().get(i))).isEqualTo(TinyStore.frames(i, 2, 8));
        assertThat(reader.lend(store.clips().get(i)).bytes()).isSameAs(lent);
      }
      assertThat(given).isEqualTo(TinyStore.frames(3, 2, 8));
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
    Files.writeString(folder.resolve("store.json"), "{\"recipe\": ");
    assertThatThrownBy(this::open)
        .isInstanceOf(StateException.class)
        .hasMessageContaining("store.json is damaged");
  }

  @Test
  void namesAShardThatCannotBeRead() throws IOException {
    CubeStore store = TinyStore.make(folder, 3, 2, 8);
    Files.writeString(folder.resolve("shards/shard-00000.arrow"), "not an Arrow file");
    try (ClipReader reader = store.reader(new Configuration())) {
      assertThatThrownBy(() -> reader.read(store.clips().get(0)))
          .isInstanceOf(StateException.class)
          .hasMessageContaining("shard-00000.arrow");
    }
  }

  @ParameterizedTest
  @EnumSource
  void findsAFlippedByteOfAShardAndNamesIt(Recipe.Codec codec) throws IOException {
    CubeStore store = TinyStore.make(folder, 3, 2, 8, codec);
    Path shard = folder.resolve("shards/shard-00000.arrow");
    byte[] whole = Files.readAllBytes(shard);
    int found = 0;
    for (int at = 0; at < whole.length; at += 17) {
      byte[] bytes = whole.clone();
      bytes[at] ^= (byte) (1 << at % 8);
      Files.write(shard, bytes);
      try (ClipReader reader = store.reader(new Configuration())) {
        for (int i = 0; i < 3; i++) { // what is read in spite of it is what was written
          assertThat(reader.read(store.clips().get(i))).isEqualTo(TinyStore.frames(i, 2, 8));
        }
      } catch (StateException e) {
        assertThat(e).hasMessageContaining("shard-00000.arrow");
        found++;
      }
    }
    int pixels = codec == Recipe.Codec.RAW ? 3 * 2 * 8 * 8 * 3 : 0; // or less, compressed
    assertThat(found).isGreaterThan(Math.max(20, pixels / 17));
  }

  /** By Arrow alone, as any other program would. */
  @ParameterizedTest
  @EnumSource
  void isReadByOtherReadersOfArrow(Recipe.Codec codec) throws IOException {
    TinyStore.make(folder, 3, 2, 8, codec);
    try (RootAllocator memory = new RootAllocator();
        ArrowFileReader file =
            new ArrowFileReader(
                FileChannel.open(folder.resolve("shards/shard-00000.arrow")),
                memory,
                CommonsCompressionFactory.INSTANCE)) {
      assertThat(file.getRecordBlocks()).hasSize(3);
      assertThat(file.loadRecordBatch(file.getRecordBlocks().get(2))).isTrue();
      var clip = file.getVectorSchemaRoot();
      assertThat(clip.getVector("id").getObject(0)).hasToString("clip2#0");
      assertThat(clip.getVector("time").getObject(0)).isEqualTo(2);
      assertThat(clip.getVector("pixels").getObject(0))
          .isEqualTo(TinyStore.frames(2, 2, 8).bytes());
    }
  }

  @Test
  void takesLessDiskCompressedAndGivesTheSame(@TempDir Path other) throws IOException {
    CubeStore raw = TinyStore.make(folder, 4, 2, 32);
    CubeStore small = TinyStore.make(other, 4, 2, 32, Recipe.Codec.ZSTD);
    assertThat(small.clips()).isEqualTo(raw.clips());
    assertThat(Files.size(other.resolve("shards/shard-00000.arrow")))
        .isLessThan(Files.size(folder.resolve("shards/shard-00000.arrow")) / 2);
    try (ClipReader reader = small.reader(new Configuration())) {
      assertThat(reader.read(small.clips().get(3))).isEqualTo(TinyStore.frames(3, 2, 32));
    }
  }

  @Test
  void countsLabelsThatAreNumbersBeforeThoseThatAreNot() {
    Stream<String> labels = Stream.of("10", "b", "2", "-1", "0", "1", "a", "2", "");
    assertThat(Labels.of(labels.map(CubeStoreTest::labelled)).names())
        .containsExactly("-1", "0", "1", "2", "10", "a", "b");
  }

  private static ClipRow labelled(String label) {
    ClipRow.Video video = new ClipRow.Video(2, 25, 8, 8);
    return new ClipRow("v#0", "v", label, video, new ClipRow.Place(0, 0), "");
  }

  @Test
  void refusesALabelThatTrainingNeverSaw() {
    assertThatThrownBy(() -> new Labels(List.of("a", "b")).index("c"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("label 'c' was not seen in training");
  }
}
