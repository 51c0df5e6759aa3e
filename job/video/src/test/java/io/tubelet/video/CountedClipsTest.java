package io.tubelet.video;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.clip.Frames;
import io.tubelet.clip.SampleSeed;
import io.tubelet.video.Decoding.DecodeLimits;
import io.tubelet.video.Windows.SamplingSpec;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Clips of files that this build's FFmpeg cannot encode, made by {@code files/make.sh}: H.264 and
 * HEVC with B-frames and open GOPs, VP9, MPEG-4, AV1, even and uneven timestamps. Every clip that
 * is asked for must show the numbers of its frames.
 */
class CountedClipsTest {
  private static final int CLIPS_PER_FILE = 25;
  private static final SamplingSpec SPEC =
      new SamplingSpec(8, 3, CLIPS_PER_FILE, CountingVideo.HEIGHT);
  private static final DecodeLimits WHOLE = new DecodeLimits(1 << 20, 1_000, 60, 1_000);
  private static final DecodeLimits SOUGHT = new DecodeLimits(1 << 20, 1_000, 60, 0);
  private static final Pattern FIRST = Pattern.compile("-from-(\\d+)\\.");

  static List<Path> files() throws IOException, URISyntaxException {
    Path folder =
        Path.of(
            Objects.requireNonNull(CountedClipsTest.class.getResource("/files/counted")).toURI());
    try (Stream<Path> all = Files.list(folder)) {
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
      Decoded decoded = new InThread().decode(Sources.of(path), windows(path), limits);

      assertThat(decoded).isInstanceOf(Decoded.Clips.class);
      Decoded.Clips clips = (Decoded.Clips) decoded;
      assertThat(clips.info().warnings()).isZero();
      assertThat(clips.windows())
          .extracting(CountingVideo::read)
          .containsExactlyElementsOf(expected(path, clips, first));
    }
  }

  private static Windows windows(Path path) {
    return Windows.drawn(SPEC, SampleSeed.of(3, 0, path.getFileName() + "", "window"));
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
      FrameIndex index;
      try (VideoFile file = VideoFile.open(input, SOUGHT)) {
        index = FrameIndex.scan(file, SOUGHT.frames());
      }
      for (int[] frames :
          new int[][] {{120}, {0}, {1}, {23, 24, 25}, {70, 72, 74}, {71, 73}, {184}}) {
        try (VideoFile file = VideoFile.open(input, SOUGHT);
            FramePass pass = FramePass.open(file, index, CountingVideo.HEIGHT, SOUGHT)) {
          Optional<FramePass.DecodedFrames> sought = pass.sought(frames);
          if (sought.isPresent()) {
            Frames window = sought.get().clips(List.of(frames)).windows().get(0);
            assertThat(CountingVideo.read(window))
                .containsExactly(Arrays.stream(frames).map(frame -> frame + first(path)).toArray());
          } else { // no timestamps, key frames that are none, times that the container cannot seek
            assertThat(path.toString()).matches(".*(avi|intra-refresh.mp4|negative-times.mkv)");
          }
        }
      }
    }
  }
}
