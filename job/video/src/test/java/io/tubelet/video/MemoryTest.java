package io.tubelet.video;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.tubelet.video.Decoding.DecodeLimits;
import io.tubelet.video.Windows.SamplingSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Clips of many codecs through one JVM: three times {@code -Dtubelet.clips} of them, after 300 to
 * warm up and a first measurement, which itself loads 0.8 MB of classes. The JVM is one of its own
 * with a heap that is all there from the beginning, so that what grows is native.
 */
class MemoryTest {
  private static final int CLIPS = Integer.getInteger("tubelet.clips", 300);

  private static final Windows WINDOWS =
      Windows.even(new SamplingSpec(16, 4, 1, CountingVideo.HEIGHT));

  private static final int WARM_UP = 300;

  /** A leak grows in every stretch; a compiled method or an allocator's arena in one of them. */
  private static final int STRETCHES = 3;

  /**
   * Memory that this process holds, as Linux tells it, in KB; elsewhere a test that asks is passed
   * over.
   */
  static long resident() throws IOException {
    Path status = Path.of("/proc/self/status");
    assumeThat(status).as("Linux, which tells a process's memory").isRegularFile();
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
        .findFirst()
        .orElseThrow();
  }

  /** Prints the least growth of the stretches, in KB. */
  static final class Main {
    private Main() {}

    public static void main(String[] arguments) throws Exception {
      int clips = Integer.parseInt(arguments[0]);
      List<VideoSource> sources = new ArrayList<>();
      for (Path path : CountedFramesTest.files()) {
        sources.add(Sources.of(path));
      }
      decode(sources, WARM_UP);
      leastOfRounds(sources); // loads the classes that measure
      long least = Long.MAX_VALUE;
      for (int stretch = 0; stretch < STRETCHES; stretch++) {
        long before = leastOfRounds(sources);
        decode(sources, clips);
        least = Math.min(least, leastOfRounds(sources) - before);
      }
      System.out.println(least);
    }

    /** A round ends with the same file always; what it happens to hold besides is left out. */
    private static long leastOfRounds(List<VideoSource> sources) throws IOException {
      long least = Long.MAX_VALUE;
      for (int round = 0; round < 4; round++) {
        decode(sources, sources.size());
        least = Math.min(least, resident());
      }
      return least;
    }

    private static void decode(List<VideoSource> sources, int clips) {
      for (int clip = 0; clip < clips; clip++) {
        VideoSource source = sources.get(clip % sources.size());
        if (new InThread().decode(source, WINDOWS, DecodeLimits.DEFAULT)
            instanceof Decoded.Refused no) {
          throw new IllegalStateException(no.detail());
        }
      }
    }
  }

  @Test
  void growsByLessThanOneMegabytePerThousandClips() throws IOException, InterruptedException {
    assertThat(resident()).isPositive();
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xms64m",
            "-Xmx64m",
            "-XX:+AlwaysPreTouch",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            Integer.toString(CLIPS));
    builder.environment().put("MALLOC_TRIM_THRESHOLD_", "65536"); // what is freed is given back
    builder.environment().put("MALLOC_MMAP_THRESHOLD_", "65536");
    Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor()).isZero();
    System.out.printf("%d clips: resident memory grew by %s KB at least%n", CLIPS, said.strip());
    assertThat(Long.parseLong(said.strip())).isLessThan(1_024L * CLIPS / 1_000);
  }
}
