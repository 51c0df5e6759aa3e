package io.tubelet.video;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tubelet.clip.SampleSeed;
import io.tubelet.video.Decoded.Reason;
import io.tubelet.video.Decoding.DecodeLimits;
import io.tubelet.video.Windows.SamplingSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InProcessTest {
  private static final SamplingSpec SPEC = new SamplingSpec(8, 2, 2, CountingVideo.HEIGHT);
  private static final DecodeLimits LIMITS = new DecodeLimits(1 << 20, 1_000, 2, 1_000);
  private static final byte[] VIDEO = CountingVideo.file(40);

  private static final Decoding FAULTY = new InProcess(FaultyChild.class, 300);

  private static Decoded decode(Decoding decoding, VideoSource source, DecodeLimits limits) {
    Windows windows = Windows.drawn(SPEC, SampleSeed.of(1, 0, source.name(), "windows"));
    return decoding.decode(source, windows, limits);
  }

  private static Decoded decode(Decoding decoding, String name) {
    return decode(decoding, Sources.of(name, VIDEO), LIMITS);
  }

  private static VideoSource good(Sources.Incident incident) {
    return new Sources.InMemory("good", VIDEO, incident);
  }

  @Test
  void blamesTheFileThatEndsTheDecoderAndGoesOnWithTheNext() {
    CompletableFuture<Void> hanging = // which takes a while
        CompletableFuture.runAsync(() -> assertBlamed("sleep", Reason.TIMED_OUT));
    assertBlamed("segfault", Reason.CRASHED);
    assertBlamed("halt", Reason.CRASHED);
    assertBlamed("native memory", Reason.TOO_LARGE);
    assertBlamed("heap", Reason.TOO_LARGE);
    assertBlamed("babble", Reason.CRASHED);
    hanging.join();
  }

  private static void assertBlamed(String fault, Reason reason) {
    Decoded before = decode(FAULTY, "good");
    Decoded broken = decode(FAULTY, fault);
    Decoded after = decode(FAULTY, "good");

    assertThat(before).isInstanceOf(Decoded.Clips.class).isEqualTo(after);
    assertThat(Sources.refused(broken).reason()).isEqualTo(reason);
    assertThat(Sources.refused(broken).detail()).startsWith(fault + ": ").contains("decoder");
  }

  @ParameterizedTest
  @CsvSource({"TERM,1", "INT,1", "KILL,1", "KILL,2"})
  void blamesNoFileForASignalFromOutside(String signal, int times) {
    AtomicInteger left = new AtomicInteger(times);
    VideoSource source =
        good(
            () -> {
              if (left.getAndDecrement() > 0) {
                ProcessHandle.current().children().forEach(child -> send(signal, child.pid()));
              }
            });

    Sources.clips(decode(new InProcess(300), source, LIMITS));
  }

  private static void send(String signal, long child) {
    try {
      new ProcessBuilder("kill", "-" + signal, Long.toString(child)).start().waitFor();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void failsWhereEveryProcessIsEndedOrTheTaskIsStopped() {
    VideoSource killed =
        good(() -> ProcessHandle.current().children().forEach(ProcessHandle::destroyForcibly));
    assertThatThrownBy(() -> decode(new InProcess(300), killed, LIMITS))
        .hasMessageContaining("ended from outside");
    VideoSource stopped =
        good(
            () -> {
              Thread.currentThread().interrupt();
              throw new IOException("Filesystem closed");
            });
    assertThatThrownBy(() -> decode(new InProcess(300), stopped, LIMITS))
        .hasMessageContaining("stopped");
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void readsAgainWhatTheStorageRefusedOnce() {
    AtomicInteger failures = new AtomicInteger(1);
    VideoSource source =
        good(
            () -> {
              if (failures.getAndDecrement() > 0) {
                throw new IOException("connection reset");
              }
            });

    Sources.clips(decode(new InProcess(300), source, LIMITS));
  }

  @Test
  void blamesTheStorageThatFailsWhenTheDecoderHasGivenUpWaiting() {
    VideoSource source =
        new Sources.InMemory(
            "good",
            VIDEO,
            () -> {
              ProcessHandle.current().children().forEach(ProcessHandle::destroyForcibly);
              throw new IOException("no answer");
            });
    assertThat(decode(new InProcess(310), source, new DecodeLimits(1 << 20, 1_000, 60, 1_000)))
        .isEqualTo(new Decoded.Refused(Reason.UNREADABLE, "good: java.io.IOException: no answer"));
  }

  @Test
  void containsFaultsOfFilesThatAreDecodedAtOnce() {
    var reasons = new ConcurrentHashMap<String, Reason>();
    IntStream.range(0, 24)
        .parallel()
        .mapToObj(i -> i % 6 == 5 ? "segfault" : "good " + i)
        .forEach(
            name -> {
              if (decode(FAULTY, name) instanceof Decoded.Refused refused) {
                reasons.put(name, refused.reason());
              }
            });

    assertThat(reasons).containsOnlyKeys("segfault").containsEntry("segfault", Reason.CRASHED);
  }

  @Test
  void givesTheSameAsTheCallingThread() throws Exception {
    DecodeLimits limits = DecodeLimits.DEFAULT;
    Windows even = Windows.even(SPEC);
    Decoding inThread = new InThread();
    Decoding inProcess = new InProcess(1024);
    Path folder = Sources.file("counted");
    try (Stream<Path> files = Files.list(folder)) {
      for (Path path : files.sorted().toList()) {
        VideoSource source = Sources.of(path);
        assertThat(decode(inProcess, source, limits)).isEqualTo(decode(inThread, source, limits));
        assertThat(inProcess.decode(source, even, limits))
            .isEqualTo(inThread.decode(source, even, limits));
      }
    }
    for (VideoSource source :
        List.of(
            Sources.of(folder.resolve("missing")),
            Sources.of(folder),
            Sources.of("empty", new byte[0]),
            Sources.of("zeros", new byte[9_999]),
            new Sources.InMemory(
                "burning",
                VIDEO,
                () -> {
                  throw new IOException("disk on fire");
                }))) {
      assertThat(decode(inProcess, source, limits)).isEqualTo(decode(inThread, source, limits));
      assertThat(decode(inProcess, source, limits)).isInstanceOf(Decoded.Refused.class);
    }
  }

  /** Not a decoder at all. */
  static final class Stillborn {
    private Stillborn() {}

    public static void main(String[] arguments) {
      Runtime.getRuntime().halt(7);
    }
  }

  @Test
  void saysThatTheProcessDoesNotStart() {
    Decoding decoder = new InProcess(Stillborn.class, 300);

    assertThatThrownBy(() -> decode(decoder, "good")).hasMessageContaining("code 7");
  }
}
