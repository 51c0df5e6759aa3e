package io.tubelet.video;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.clip.SampleSeed;
import io.tubelet.video.CountingVideo.Encoding;
import io.tubelet.video.Decoded.Reason;
import io.tubelet.video.Decoding.DecodeLimits;
import io.tubelet.video.Windows.SamplingSpec;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Headers with some bytes changed, decoded in this very process: {@code -Dtubelet.mutations} of
 * them, each container in turn, read whole and by seeking.
 */
class MutatedFilesTest {
  private static final int MUTATIONS = Integer.getInteger("tubelet.mutations", 1_500);
  private static final int HEADER_BYTES = 1_024;
  private static final int FRAMES = 24;
  private static final long MOST_GROWTH_KILOBYTES = 512 << 10;
  private static final DecodeLimits WHOLE = new DecodeLimits(1 << 22, 10_000, 10, 1_000);
  private static final DecodeLimits SOUGHT = new DecodeLimits(1 << 22, 10_000, 10, 0);

  private static List<byte[]> files() throws Exception {
    List<byte[]> files = new ArrayList<>();
    for (Encoding encoding :
        List.of(
            Encoding.h264(25),
            new Encoding("mov", "mpeg4", 25, 4, 12, 2),
            new Encoding("matroska", "libopenh264", 25, 20, 12, 0),
            new Encoding("avi", "mpeg4", 25, 4, 12, 0),
            new Encoding("mpegts", "mpeg2video", 25, 4, 12, 2),
            new Encoding("flv", "flv", 25, 4, 12, 0),
            new Encoding("asf", "msmpeg4", 25, 4, 12, 0))) {
      files.add(CountingVideo.file(encoding, FRAMES));
    }
    for (Path path : CountedFramesTest.files()) {
      if (path.toString()
          .matches(".*(fragmented.mp4|edit-list.*|open-gop.mp4|grey.mp4|vp9-alt.*|vp8.*|av1.*)")) {
        files.add(Files.readAllBytes(path));
      }
    }
    return files;
  }

  /** Where the header begins: an mp4 that was written in one go has it at its end. */
  private static int header(byte[] file, RandomGenerator random) {
    int index = new String(file, StandardCharsets.ISO_8859_1).lastIndexOf("moov");
    return index > 0 && random.nextInt(4) > 0 ? index : 0;
  }

  private static byte[] mutated(byte[] original, RandomGenerator random) {
    byte[] file = original.clone();
    int from = header(file, random);
    int length = Math.min(HEADER_BYTES, file.length - from - 8);
    for (int change = random.nextInt(1, 17); change > 0; change--) {
      int at = from + random.nextInt(length);
      switch (random.nextInt(6)) {
        case 0 -> file[at] = (byte) random.nextInt(256);
        case 1 -> file[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> ByteBuffer.wrap(file).putInt(at, -1);
        case 3 -> ByteBuffer.wrap(file).putInt(at, random.nextInt() >>> random.nextInt(32));
        case 4 -> ByteBuffer.wrap(file).putInt(at, 0);
        default -> System.arraycopy(file, from, file, at, random.nextInt(8));
      }
    }
    return random.nextInt(10) == 0 ? Arrays.copyOf(file, random.nextInt(1, file.length)) : file;
  }

  @Test
  @Timeout(1_800)
  void neitherCrashesNorHangsNorSwells() throws Exception {
    List<byte[]> files = files();
    SamplingSpec spec = new SamplingSpec(4, 2, 2, CountingVideo.HEIGHT);
    Map<Reason, Integer> refused = new EnumMap<>(Reason.class);
    long before = MemoryTest.resident();
    long most = 0;
    for (int i = 0; i < MUTATIONS; i++) {
      RandomGenerator random = SampleSeed.of(20, i, "mutation");
      byte[] file = mutated(files.get(i % files.size()), random);
      DecodeLimits limits = i / files.size() % 2 == 0 ? WHOLE : SOUGHT;
      VideoSource source = Sources.of("mutation " + i, file);
      Windows windows = Windows.drawn(spec, random);
      if (new InThread().decode(source, windows, limits) instanceof Decoded.Refused no) {
        refused.merge(no.reason(), 1, Integer::sum);
      }
      most = i % 10 == 0 ? Math.max(most, MemoryTest.resident()) : most;
    }
    System.out.printf(
        "%d mutated headers: refused %s, memory grew by at most %d MB%n",
        MUTATIONS, refused, (most - before) >> 10);

    assertThat(refused).doesNotContainKey(Reason.TIMED_OUT);
    assertThat(refused.values().stream().mapToInt(n -> n).sum())
        .isBetween(MUTATIONS / 20, MUTATIONS * 19 / 20); // they do change something
    assertThat(most - before).isLessThan(MOST_GROWTH_KILOBYTES);
  }
}
