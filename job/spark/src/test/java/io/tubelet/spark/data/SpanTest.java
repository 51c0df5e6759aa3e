package io.tubelet.spark.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tubelet.clip.Frames;
import io.tubelet.spark.LocalSpark;
import io.tubelet.spark.config.DataConfig;
import io.tubelet.spark.config.DataConfig.Role;
import io.tubelet.spark.config.DataConfig.Sampling;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.data.Corpus.SourceVideo;
import io.tubelet.spark.data.Recipe.Codec;
import io.tubelet.spark.data.Recipe.Spacing;
import io.tubelet.spark.files.Failure.StateException;
import io.tubelet.video.Decoding.DecodeLimits;
import io.tubelet.video.InThread;
import io.tubelet.video.motion.MotionSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Windows that every epoch draws from what a store has of a video. */
class SpanTest {
  private static final int EPOCHS = 6;

  @TempDir private Path folder;

  /** Three videos of 3, 12 and 30 frames. */
  private Corpus corpus() throws IOException {
    List<SourceVideo> videos = new ArrayList<>();
    for (int frames : new int[] {3, 12, 30}) {
      MotionSet set =
          new MotionSet(new MotionSet.Spec(1, 32, frames), new MotionSet.Counts(0, 0, 2));
      Path file = folder.resolve(frames + ".mp4");
      Files.write(file, set.file(set.items().get(1)));
      videos.add(new SourceVideo(file.toString(), frames + ".mp4", ""));
    }
    return new Corpus(videos, List.of());
  }

  private static ClipDecoder decoder(Recipe recipe) {
    return new ClipDecoder(recipe, DecodeLimits.DEFAULT, new InThread());
  }

  private CubeStore store(Recipe recipe, Corpus corpus) throws IOException {
    var root = new org.apache.hadoop.fs.Path(folder.resolve("store").toUri());
    return new PrepareJob(root, decoder(recipe), 0).run(LocalSpark.session(), corpus);
  }

  /** All clips in some epochs, in an order of their own. */
  private static List<Frames> read(ClipAccess access, int clips, int from, int step) {
    Frames[] read = new Frames[EPOCHS * clips];
    try (ClipAccess.Clips reader = access.open()) {
      for (int i = 0, at = from; i < read.length; i++, at = (at + step) % read.length) {
        Frames lent = reader.read(access.clip(at % clips), at / clips, no -> {}).orElseThrow();
        read[at] = lent.with(lent.bytes().clone());
      }
    }
    return List.of(read);
  }

  @ParameterizedTest
  @CsvSource({"RANDOM, RAW", "RANDOM, ZSTD", "RANDOM_SPREAD, RAW", "RANDOM_SPREAD, ZSTD"})
  void areThoseOfTheVideosWhereASpanIsWhole(Spacing spacing, Codec codec) throws IOException {
    Recipe recipe = new Recipe("test", "", 4, 1, 2, spacing, 24, 4, 1, codec, 8);
    Corpus corpus = corpus();
    CubeStore store = store(recipe, corpus);
    var context = LocalSpark.context();
    List<Frames> drawn = read(ClipAccess.ofStore(context, store, store.clips()), 6, 0, 1);
    assertThat(read(ClipAccess.ofStore(context, store, store.clips()), 6, 5, 7)).isEqualTo(drawn);
    List<ClipRow> rows = ClipAccess.rows(corpus.videos(), recipe.clips());
    ClipAccess videos = ClipAccess.ofVideos(context, decoder(recipe), corpus.videos(), rows);
    assertThat(read(videos, 6, 0, 1)).isEqualTo(drawn);
    assertThat(drawn).allMatch(frames -> frames.time() == 4);
    for (int clip = 2; clip < 6; clip++) { // of videos that have more than four frames
      int own = clip;
      assertThat(
              IntStream.range(0, EPOCHS).mapToObj(epoch -> drawn.get(6 * epoch + own)).distinct())
          .hasSizeGreaterThan(EPOCHS / 2);
    }
    assertThat(drawn.get(2)).isNotEqualTo(drawn.get(3)); // two windows of one video and epoch
  }

  @Test
  void areFoundDamagedWhereTheyAre() throws IOException {
    Recipe recipe = new Recipe("test", "", 4, 1, 1, Spacing.RANDOM, 24, 4, 1, Codec.RAW, 8);
    CubeStore store = store(recipe, corpus());
    ClipRow longest = store.clips().get(2);
    Frames middle;
    try (ClipReader reader = store.reader(new Configuration())) {
      middle = reader.read(longest);
    }
    Path shard = folder.resolve("store/shards/shard-00000.arrow");
    byte[] bytes = Files.readAllBytes(shard);
    byte[] frame = Arrays.copyOf(middle.bytes(), middle.offset(1, 0, 0));
    int at = 0; // of the first frame in the middle, which no other clip has
    while (!Arrays.equals(frame, 0, frame.length, bytes, at, at + frame.length)) {
      at++;
    }
    bytes[at - 1] ^= 1; // in the frame before it
    Files.write(shard, bytes);
    try (ClipReader reader = store.reader(new Configuration())) {
      assertThat(reader.read(longest)).isEqualTo(middle);
    }
    bytes[at + 4 * frame.length - 1] ^= 1; // in its last frame
    Files.write(shard, bytes);
    try (ClipReader reader = store.reader(new Configuration())) {
      assertThatThrownBy(() -> reader.read(longest))
          .isInstanceOf(StateException.class)
          .hasMessageContaining("row 2: its pixels are damaged");
    }
  }

  @Test
  void leaveTheDigestsOfStoresOfWindowsAsTheyWere() {
    Recipe recipe = new Recipe("test", null, 4, 1, 1, Spacing.RANDOM, 24, 4, 1, Codec.RAW, 0);
    assertThat(recipe.span()).isEqualTo(1);
    assertThat(recipe.digest())
        .isEqualTo("6b31a0fda0b4c768438e082b8bbc907e16db208042f4f15f0e5da261bd000811");
  }

  /** A video about as long as those of the set, and how many of its frames a store has. */
  @ParameterizedTest
  @CsvSource({"k400, 300, 75, 75", "ssv2, 45, 22, 45", "ucf101, 180, 45, 45", "hmdb51, 90, 45, 45"})
  void areOthersInEveryEpochOfEveryPreset(String set, int frames, int pretrain, int train)
      throws IOException {
    try (Stream<Path> files = Files.list(Path.of("../../conf/presets"))) {
      for (Path preset :
          files.filter(file -> file.getFileName().toString().startsWith(set)).toList()) {
        DataConfig data =
            JobConfig.load(
                    preset.toString(),
                    List.of("data.pretrain.source=a", "data.train.source=b"),
                    new Configuration(false))
                .data();
        for (Role role : List.of(Role.PRETRAIN, Role.TRAIN)) {
          DataConfig.Corpus corpus = data.corpus(role).orElseThrow();
          Spacing spacing = Spacing.of(false, corpus.sampling() == Sampling.UNIFORM);
          Recipe recipe =
              new Recipe(
                  "",
                  "",
                  16,
                  corpus.stride(),
                  corpus.clips(),
                  spacing,
                  256,
                  64,
                  0,
                  Codec.RAW,
                  data.span(role));
          int[] span = recipe.stored("video").over(frames).get(0);
          assertThat(span)
              .as("%s, %s", preset, role)
              .hasSize(role == Role.TRAIN ? train : pretrain);
          Set<List<Integer>> windows = new HashSet<>();
          for (int epoch = 0; epoch < 100; epoch++) {
            windows.add(
                IntStream.of(recipe.drawn(1, "video#0", epoch).over(span.length).get(0))
                    .mapToObj(at -> span[at])
                    .collect(Collectors.toList()));
          }
          int positions = span.length - 16 + 1;
          assertThat(windows)
              .as("%s, %s", preset, role)
              .hasSizeGreaterThan(corpus.sampling() == Sampling.UNIFORM ? 99 : positions / 2);
        }
      }
    }
  }
}
