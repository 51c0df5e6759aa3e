package io.tubelet.video;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.clip.SampleSeed;
import io.tubelet.video.CountingVideo.Encoding;
import io.tubelet.video.Decoded.RefusedException;
import io.tubelet.video.Decoding.DecodeLimits;
import io.tubelet.video.Windows.SamplingSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every frame shows its number: what is asked for must be what comes. */
class CountedFramesTest {
  private static final int FRAMES = 200;
  private static final DecodeLimits WHOLE = new DecodeLimits(1 << 20, 1_000, 60, 1_000);
  private static final DecodeLimits SOUGHT = new DecodeLimits(1 << 20, 1_000, 60, 0);
  private static final int CLIPS_PER_FILE = 25;
  private static final Pattern FIRST = Pattern.compile("-from-(\\d+)\\.");

  static Stream<Encoding> encodings() {
    return Stream.of(
        new Encoding("mp4", "libopenh264", 25, 20, 30, 0),
        new Encoding("mp4", "mpeg4", 30, 4, 12, 2),
        new Encoding("matroska", "libopenh264", 24, 20, 30, 0),
        new Encoding("matroska", "mpeg4", 24, 4, 12, 2),
        new Encoding("mpegts", "mpeg2video", 25, 4, 12, 2),
        new Encoding("avi", "mpeg4", 15, 4, 12, 0),
        new Encoding("flv", "flv", 25, 4, 10, 0));
  }

  @ParameterizedTest
  @MethodSource("encodings")
  void givesTheFramesThatTheWindowsName(Encoding encoding) {
    VideoSource source = Sources.of("counted", CountingVideo.file(encoding, FRAMES));
    SamplingSpec spec = new SamplingSpec(8, 3, 6, CountingVideo.HEIGHT);
    Windows windows = Windows.drawn(spec, SampleSeed.of(5, 1, "counted", "windows"));
    List<int[]> expected = windows.over(FRAMES);
    for (DecodeLimits limits : List.of(WHOLE, SOUGHT)) {
      Decoded.Clips clips = Sources.clips(new InThread().decode(source, windows, limits));
      assertThat(clips.info().frames()).isEqualTo(FRAMES);
      assertThat(clips.info().warnings()).isZero();
      assertThat(clips.info().framesPerSecond()).isEqualTo(encoding.framesPerSecond());
      assertThat(clips.windows())
          .extracting(CountingVideo::read)
          .containsExactlyElementsOf(expected);
    }
  }

  @ParameterizedTest
  @MethodSource("encodings")
  void findsFramesBySeekingWhereTheContainerHasTimestamps(Encoding encoding) throws Exception {
    VideoSource source = Sources.of("counted", CountingVideo.file(encoding, FRAMES));
    int[] wanted = {0, 11, 12, 13, 100, 150, 151, 199};
    try (ByteInput input = ByteInput.open(source, 60)) {
      FrameIndex index = index(input);
      assertThat(index.count()).isEqualTo(FRAMES);
      assertThat(index.seekable()).isTrue();
      assertThat(sought(input, index, wanted)).hasValue(wanted);
    }
  }

  private static FrameIndex index(ByteInput input) throws RefusedException {
    try (VideoFile file = VideoFile.open(input, SOUGHT)) {
      return FrameIndex.scan(file, SOUGHT.frames());
    }
  }

  /** What frames show that are sought, if they are found. */
  private static Optional<int[]> sought(ByteInput input, FrameIndex index, int... frames)
      throws RefusedException {
    try (VideoFile file = VideoFile.open(input, SOUGHT);
        FramePass pass = FramePass.open(file, index, CountingVideo.HEIGHT, SOUGHT)) {
      Optional<FramePass.DecodedFrames> sought = pass.sought(frames);
      return sought.isEmpty()
          ? Optional.empty()
          : Optional.of(CountingVideo.read(sought.get().clips(List.of(frames)).windows().get(0)));
    }
  }

  private static Decoded.Clips window(int frames, int stride, int length) {
    SamplingSpec spec = new SamplingSpec(frames, stride, 1, CountingVideo.HEIGHT);
    VideoSource source = Sources.of("counted", CountingVideo.file(length));
    return Sources.clips(new InThread().decode(source, Windows.even(spec), WHOLE));
  }

  @Test
  void readsEveryFrameOnce() {
    Decoded.Clips clips = window(FRAMES, 1, FRAMES);

    int[] numbers = CountingVideo.read(clips.windows().get(0));
    assertThat(numbers).hasSize(FRAMES);
    assertThat(Arrays.stream(numbers).distinct().toArray()).hasSize(FRAMES).isSorted();
    assertThat(clips.info().seconds()).isEqualTo(8.0);
  }

  @Test
  void repeatsTheLastReachableFrameOfAShortVideo() {
    Decoded.Clips clips = window(8, 3, 9);

    assertThat(CountingVideo.read(clips.windows().get(0))).containsExactly(0, 3, 6, 6, 6, 6, 6, 6);
  }

  @Test
  void givesTheSameFramesForTheSameSeedAndOthersForAnother() {
    VideoSource source = Sources.of("seeded", CountingVideo.file(FRAMES));
    Decoded first = seeded(source, 0);

    assertThat(seeded(source, 0)).isEqualTo(first);
    assertThat(seeded(source, 1)).isNotEqualTo(first);
  }

  private static Decoded seeded(VideoSource source, int epoch) {
    SamplingSpec spec = new SamplingSpec(4, 2, 3, 24);
    Windows windows = Windows.drawn(spec, SampleSeed.of(1, epoch, "a", "windows"));
    return new InThread().decode(source, windows, WHOLE);
  }

  /**
   * Files that this build's FFmpeg cannot encode, made by {@code files/make.sh}: H.264 and HEVC
   * with B-frames and open GOPs, VP9, MPEG-4, AV1, even and uneven timestamps.
   */
  static List<Path> files() throws IOException {
    try (Stream<Path> all = Files.list(Sources.file("counted"))) {
      return all.filter(path -> !path.toString().endsWith(".sh")).sorted().toList();
    }
  }

  @Test
  void asksForFiveHundredClips() throws Exception {
    assertThat(files().size() * CLIPS_PER_FILE).isGreaterThanOrEqualTo(500);
  }

  @ParameterizedTest
  @MethodSource("files")
  void givesTheNumbersThatWereAskedFor(Path path) {
    int first = first(path);
    for (DecodeLimits limits : List.of(WHOLE, SOUGHT)) {
      Decoded.Clips clips =
          Sources.clips(new InThread().decode(Sources.of(path), windows(path), limits));
      assertThat(clips.info().warnings()).isZero();
      assertThat(clips.windows())
          .extracting(CountingVideo::read)
          .containsExactlyElementsOf(expected(path, clips, first));
    }
  }

  private static Windows windows(Path path) {
    SamplingSpec spec = new SamplingSpec(8, 3, CLIPS_PER_FILE, CountingVideo.HEIGHT);
    return Windows.drawn(spec, SampleSeed.of(3, 0, path.getFileName() + "", "window"));
  }

  /** The number of the first frame that the file shows. */
  private static int first(Path path) {
    Matcher name = FIRST.matcher(path.getFileName().toString());
    return name.find() ? Integer.parseInt(name.group(1)) : 0;
  }

  private static List<int[]> expected(Path path, Decoded.Clips clips, int first) {
    return windows(path).over(clips.info().frames()).stream()
        .map(window -> Arrays.stream(window).map(frame -> frame + first).toArray())
        .toList();
  }

  @ParameterizedTest
  @MethodSource("files")
  void findsFramesBySeekingOrLeavesThemToTheWholeFile(Path path) throws Exception {
    try (ByteInput input = ByteInput.open(Sources.of(path), 60)) {
      FrameIndex index = index(input);
      for (int[] frames :
          new int[][] {{120}, {0}, {1}, {23, 24, 25}, {70, 72, 74}, {71, 73}, {184}}) {
        Optional<int[]> sought = sought(input, index, frames);
        if (sought.isPresent()) {
          assertThat(sought.get())
              .containsExactly(Arrays.stream(frames).map(frame -> frame + first(path)).toArray());
        } else { // no timestamps, key frames that are none, times that the container cannot seek
          assertThat(path.toString()).matches(".*(avi|intra-refresh.mp4|negative-times.mkv)");
        }
      }
    }
  }
}
