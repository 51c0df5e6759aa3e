package io.tubelet.spark.data;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.tubelet.clip.Frames;
import io.tubelet.spark.LocalSpark;
import io.tubelet.spark.data.Corpus.Moment;
import io.tubelet.spark.data.Corpus.SourceVideo;
import io.tubelet.spark.data.Recipe.Codec;
import io.tubelet.spark.data.Recipe.Spacing;
import io.tubelet.video.Decoding.DecodeLimits;
import io.tubelet.video.InThread;
import io.tubelet.video.motion.MotionSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clips around moments of longer films, in a store. */
class KeyFrameClipsTest {
  private static final int LENGTH = 60; // at 25 a second

  @TempDir private Path folder;

  private SourceVideo film(String name, Moment... moments) throws IOException {
    MotionSet set = new MotionSet(new MotionSet.Spec(1, 32, LENGTH), new MotionSet.Counts(0, 0, 1));
    Path file = Files.write(folder.resolve(name), set.file(set.items().get(0)));
    return new SourceVideo(file.toString(), name, "").at(List.of(moments));
  }

  private static Recipe recipe(int frames, int stride, int shardClips) {
    return new Recipe("", "", frames, stride, 1, Spacing.EVEN, 32, shardClips, 1, Codec.RAW, 1);
  }

  /**
   * @param whole films of more frames are sought in
   */
  private CubeStore store(Recipe recipe, int whole, SourceVideo... films) throws IOException {
    var root = new org.apache.hadoop.fs.Path(folder.resolve("store" + whole).toUri());
    DecodeLimits limits = new DecodeLimits(1 << 20, 1000, 60, whole);
    ClipDecoder decoder = new ClipDecoder(recipe, limits, new InThread());
    return new PrepareJob(root, decoder, 0.5)
        .run(LocalSpark.session(), new Corpus(List.of(films), List.of()));
  }

  private static byte[] frame(Frames clip, int index) {
    return Arrays.copyOfRange(clip.bytes(), clip.offset(index, 0, 0), clip.offset(index + 1, 0, 0));
  }

  @ParameterizedTest
  @ValueSource(ints = {1000, 10})
  void haveTheFilmsFramesAroundEachMoment(int whole) throws IOException {
    SourceVideo film = film("a.mp4", new Moment("a,0000", 0), new Moment("a,0001", 1));
    SourceVideo more = film.at(List.of(new Moment("a,0002", 2), new Moment("a,0003", 3)));
    CubeStore store = store(recipe(4, 3, 2), whole, film, more);
    Frames all =
        store(recipe(LENGTH, 1, 1), whole + 1, film("b.mp4")).clips().stream()
            .map(row -> read(whole + 1, row))
            .findFirst()
            .orElseThrow();
    assertThat(store.clips().stream().map(ClipRow::id))
        .containsExactly("a,0000", "a,0001", "a,0002");
    assertThat(store.clips().get(2).place()).isEqualTo(new ClipRow.Place(1, 0));
    int[][] expected = {{0, 0, 0, 3}, {19, 22, 25, 28}, {44, 47, 50, 53}};
    for (int i = 0; i < expected.length; i++) {
      Frames clip = read(whole, store.clips().get(i));
      for (int t = 0; t < clip.time(); t++) {
        assertThat(frame(clip, t)).as(i + ", " + t).isEqualTo(frame(all, expected[i][t]));
      }
    }
    assertThat(store.quarantined())
        .containsExactly(
            new Quarantined(
                "a,0003",
                "PAST_END",
                "a.mp4: second 3.00 is behind its 60 frames at 25.00 a second"));
  }

  private Frames read(int whole, ClipRow row) {
    var root = new org.apache.hadoop.fs.Path(folder.resolve("store" + whole).toUri());
    try (ClipReader reader =
        CubeStore.open(LocalSpark.session(), root).reader(new Configuration())) {
      return reader.read(row);
    }
  }

  /** The end of the pictures is noise, of which the file's index, behind them, knows nothing. */
  @ParameterizedTest
  @ValueSource(ints = {1000, 10})
  void areThoseBeforeABrokenTailAndRowsOfTheQuarantine(int whole) throws IOException {
    Moment[] moments = {new Moment("a,0000", 0), new Moment("a,0001", 1), new Moment("a,0002", 2)};
    CubeStore sound = store(recipe(4, 3, 3), whole, film("a.mp4", moments));
    List<Frames> before = sound.clips().stream().map(row -> read(whole, row)).toList();
    SourceVideo film = film("b.mp4", moments);
    byte[] bytes = Files.readAllBytes(Path.of(film.path()));
    int end = new String(bytes, ISO_8859_1).indexOf("moov") - 4;
    for (int i = end * 5 / 6; i < end; i++) {
      bytes[i] = (byte) (31 * i ^ (i >> 3));
    }
    Files.write(Path.of(film.path()), bytes);
    CubeStore store = store(recipe(4, 3, 3), whole + 1, film);
    assertThat(store.clips()).extracting(ClipRow::id).startsWith("a,0000", "a,0001");
    assertThat(read(whole + 1, store.clips().get(0))).isEqualTo(before.get(0));
    assertThat(read(whole + 1, store.clips().get(1))).isEqualTo(before.get(1));
    assertThat(store.quarantined()).extracting(Quarantined::source).containsExactly("a,0002");
  }

  @Test
  void areRefusedOneByOneWhereTheFilmIsBroken() throws IOException {
    SourceVideo film = film("a.mp4", new Moment("a,0000", 0), new Moment("a,0001", 1));
    SourceVideo none =
        new SourceVideo(folder + "/none.mp4", "none.mp4", "")
            .at(List.of(new Moment("none,0001", 1), new Moment("none,0002", 2)));
    CubeStore store = store(recipe(4, 3, 2), 1000, film, none);
    assertThat(store.clips()).hasSize(2);
    assertThat(store.quarantined())
        .extracting(Quarantined::source, Quarantined::reason)
        .containsExactly(tuple("none,0001", "MISSING"), tuple("none,0002", "MISSING"));
  }

  @Test
  void liePackedInShardsWhicheverFilmsTheyAreOf() {
    SourceVideo usual = new SourceVideo("", "v", "");
    SourceVideo two = usual.at(List.of(new Moment("a", 0), new Moment("b", 1)));
    assertThat(PrepareJob.deal(List.of(two, usual, two, two), 4, 1))
        .containsExactly(List.of(two, usual), List.of(two, two));
    assertThat(PrepareJob.deal(List.of(usual, usual, usual), 5, 2))
        .containsExactly(List.of(usual, usual), List.of(usual));
    assertThat(PrepareJob.deal(List.of(usual, usual), 3, 5)).hasSize(2);
  }
}
