package io.tubelet.video;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.clip.SampleSeed;
import io.tubelet.video.CountingVideo.Encoding;
import io.tubelet.video.Decoding.DecodeLimits;
import io.tubelet.video.Windows.SamplingSpec;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every frame shows its number: what is asked for must be what comes. */
class CountedFramesTest {
  private static final int FRAMES = 200;
  private static final DecodeLimits WHOLE = limits(FRAMES);
  private static final DecodeLimits SOUGHT = limits(0);

  private static DecodeLimits limits(int wholeFrames) {
    return new DecodeLimits(1 << 20, 1_000, 60, wholeFrames);
  }

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
      Decoded decoded = new InThread().decode(source, windows, limits);

      assertThat(decoded).isInstanceOf(Decoded.Clips.class);
      Decoded.Clips clips = (Decoded.Clips) decoded;
      assertThat(clips.info().frames()).isEqualTo(FRAMES);
      assertThat(clips.info().warnings()).isZero();
      assertThat(clips.info().framesPerSecond()).isEqualTo(encoding.framesPerSecond());
      assertThat(clips.windows())
          .extracting(CountingVideo::read)
          .containsExactlyElementsOf(expected);
      assertThat(clips.starts())
          .containsExactlyElementsOf(expected.stream().map(window -> window[0]).toList());
    }
  }

  @ParameterizedTest
  @MethodSource("encodings")
  void findsFramesBySeekingWhereTheContainerHasTimestamps(Encoding encoding) throws Exception {
    VideoSource source = Sources.of("counted", CountingVideo.file(encoding, FRAMES));
    int[] wanted = {0, 11, 12, 13, 100, 150, 151, 199};
    try (ByteInput input = ByteInput.open(source, 60)) {
      FrameIndex index;
      try (VideoFile file = VideoFile.open(input, SOUGHT)) {
        index = FrameIndex.scan(file, SOUGHT.frames());
      }
      assertThat(index.count()).isEqualTo(FRAMES);
      assertThat(index.seekable()).isTrue();
      try (VideoFile file = VideoFile.open(input, SOUGHT);
          FramePass pass = FramePass.open(file, index, CountingVideo.HEIGHT, SOUGHT)) {
        Optional<FramePass.DecodedFrames> sought = pass.sought(wanted);

        assertThat(sought).isPresent();
        assertThat(CountingVideo.read(sought.get().clips(List.of(wanted)).windows().get(0)))
            .isEqualTo(wanted);
      }
    }
  }

  private static Decoded.Clips window(int frames, int stride, int length) {
    SamplingSpec spec = new SamplingSpec(frames, stride, 1, CountingVideo.HEIGHT);
    VideoSource source = Sources.of("counted", CountingVideo.file(length));
    return (Decoded.Clips) new InThread().decode(source, Windows.even(spec), WHOLE);
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
}
