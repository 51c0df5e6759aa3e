package io.tubelet.video.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;

import io.tubelet.video.encode.Encoding;
import io.tubelet.video.encode.VideoEncoder;
import io.tubelet.video.source.Deadline;
import io.tubelet.video.source.DecodeLimits;
import io.tubelet.video.source.RefusedException;
import io.tubelet.video.source.VideoSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.junit.jupiter.api.Test;

/** A table is believed only where counting the packets gives the same. */
class SampleTableTest {
  private static final Path COUNTED = Path.of("src/test/resources/files/counted");
  private static final Path AWKWARD = Path.of(System.getProperty("tubelet.awkward", "none"));

  private static VideoFile open(VideoSource source) throws RefusedException {
    return VideoFile.open(source, DecodeLimits.DEFAULT, Deadline.in(60));
  }

  /** When each packet is shown, read from all of them. */
  private static List<Long> shown(VideoSource source) throws RefusedException {
    List<Long> times = new ArrayList<>();
    AVPacket packet = av_packet_alloc();
    try (VideoFile file = open(source)) {
      while (file.read(packet)) {
        times.add(packet.pts());
        av_packet_unref(packet);
      }
    } finally {
      av_packet_free(packet);
    }
    return times.stream().sorted().toList();
  }

  private static Optional<FrameIndex> listed(VideoSource source) throws RefusedException {
    try (VideoFile file = open(source)) {
      return FrameIndex.listed(file, DecodeLimits.DEFAULT);
    }
  }

  /** Names of the files with a table that is believed; what it says is what counting says. */
  private static Set<String> believed(Path folder) throws IOException, RefusedException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(folder)) {
      files = all.filter(SampleTableTest::isVideo).toList();
    }
    Set<String> names = new TreeSet<>();
    for (Path path : files) {
      Optional<FrameIndex> index = listed(VideoSource.of(path));
      if (index.isPresent()) {
        List<Long> shown = shown(VideoSource.of(path));
        assertThat(index.get().count()).as(path.toString()).isEqualTo(shown.size());
        for (int frame = 0; frame < shown.size(); frame++) {
          assertThat(index.get().frameAt(shown.get(frame))).as(path.toString()).isEqualTo(frame);
        }
        names.add(path.getFileName().toString());
      }
    }
    return names;
  }

  private static boolean isVideo(Path path) {
    try (VideoFile file = open(VideoSource.of(path))) {
      return file.claimedFrames() >= 0;
    } catch (RefusedException e) {
      return false;
    }
  }

  @Test
  void saysOfOddFilesWhatCountingSaysOrNothing() throws Exception {
    assertThat(believed(COUNTED))
        .containsExactly(
            "h264-grey.mp4",
            "h264-high422-10bit.mov",
            "h264-intra-refresh.mp4",
            "h264-open-gop.mp4",
            "hevc-open-gop.mp4");
  }

  @Test
  void saysOfAwkwardFilesWhatCountingSaysOrNothing() throws Exception {
    assumeThat(AWKWARD)
        .as("no folder of awkward files; name one with -Dtubelet.awkward=DIR")
        .exists();

    assertThat(believed(AWKWARD)).contains("m21_long_30min_54000frames_64x64.mp4");
  }

  @Test
  void doesNotBelieveATableThatPointsBehindTheEnd() throws Exception {
    byte[] file = Files.readAllBytes(COUNTED.resolve("h264-open-gop.mp4"));
    int table = new String(file, StandardCharsets.ISO_8859_1).indexOf("stco");
    int chunks = ByteBuffer.wrap(file).getInt(table + 8);
    ByteBuffer.wrap(file).putInt(table + 8 + 4 * chunks, file.length - 1);

    assertThat(listed(VideoSource.of("pointing out", file))).isEmpty();
  }

  /** An mp4 whose frames do not compress. */
  private static byte[] noise(int frames) {
    byte[] pixels = new byte[128 * 128 * 3];
    try (VideoEncoder encoder = new VideoEncoder(Encoding.h264(25), 128, 128)) {
      for (int frame = 0; frame < frames; frame++) {
        new Random(frame).nextBytes(pixels);
        encoder.add(pixels, 0);
      }
      return encoder.finish();
    }
  }

  @Test
  void readsTheHeadAndTheTableOnly() throws Exception {
    long[] read = new long[1];
    byte[] bytes = noise(600);
    VideoSource.Content content = VideoSource.of("film", bytes).open();
    VideoSource.Content counting =
        new VideoSource.Content() {
          @Override
          public long size() throws IOException {
            return content.size();
          }

          @Override
          public int read(long position, ByteBuffer into) throws IOException {
            int count = content.read(position, into);
            read[0] += Math.max(count, 0);
            return count;
          }

          @Override
          public void close() {}
        };
    VideoSource film =
        new VideoSource() {
          @Override
          public String name() {
            return "film";
          }

          @Override
          public Content open() {
            return counting;
          }
        };

    assertThat(listed(film)).hasValueSatisfying(index -> assertThat(index.count()).isEqualTo(600));
    assertThat(read[0]).isLessThan(bytes.length / 4);
  }
}
