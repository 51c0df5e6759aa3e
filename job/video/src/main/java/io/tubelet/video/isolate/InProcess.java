package io.tubelet.video.isolate;

import io.tubelet.clip.Frames;
import io.tubelet.video.DecodeLimits;
import io.tubelet.video.Decoded;
import io.tubelet.video.Decoded.Reason;
import io.tubelet.video.Decoding;
import io.tubelet.video.VideoSource;
import io.tubelet.video.Windows;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URL;
import java.nio.file.Path;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.Loader;

/**
 * Decodes in child processes, one per thread that decodes: a file that crashes FFmpeg, hangs in it
 * or takes too much memory ends its child and is blamed for it, and the next file gets another.
 *
 * @param child class with the child's main method
 * @param megabytes of memory that a child may hold, heap and native
 */
public record InProcess(Class<?> child, int megabytes) implements Decoding {
  private static final int IDLE_SECONDS = 10;
  private static final int TRIES = 3;

  /** Variables whose options are meant for the parent. */
  private static final Set<String> FOREIGN_OPTIONS =
      Set.of("JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS");

  private static final Map<InProcess, Deque<DecoderProcess>> IDLE = new ConcurrentHashMap<>();

  /** Children that decode as {@link io.tubelet.video.InThread} does. */
  public InProcess(int megabytes) {
    this(DecoderChild.class, megabytes);
  }

  @Override
  public Decoded decode(VideoSource source, Windows windows, DecodeLimits limits) {
    Deque<DecoderProcess> idle = IDLE.computeIfAbsent(this, key -> new ConcurrentLinkedDeque<>());
    for (int tries = 0; tries < TRIES; tries++) {
      DecoderProcess process = idle.pollFirst();
      process = process == null || !process.jvm.isAlive() ? start() : process;
      Optional<Decoded> decoded = process.decode(source, windows, limits);
      if (process.jvm.isAlive()) {
        idle.addFirst(process);
        discardIfIdle(process, idle);
      }
      if (decoded.isPresent()) { // else the child may have died of something else
        return decoded.get();
      }
    }
    return new Decoded.Refused(
        Reason.CRASHED,
        "%s: ended %d decoder processes before they read it".formatted(source.name(), TRIES));
  }

  private DecoderProcess start() {
    try {
      ProcessBuilder builder = new ProcessBuilder(command());
      builder.redirectError(ProcessBuilder.Redirect.DISCARD);
      builder.environment().keySet().removeAll(FOREIGN_OPTIONS);
      return DecoderProcess.start(builder, megabytes);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start a process to decode in: " + e.getMessage(), e);
    }
  }

  /** Another file may come soon; if none does, the child goes. */
  private static void discardIfIdle(DecoderProcess process, Deque<DecoderProcess> idle) {
    ScheduledFuture<?> unused =
        DecoderProcess.CLOCK.schedule(
            () -> {
              if (idle.remove(process)) {
                process.jvm.destroyForcibly();
              }
            },
            IDLE_SECONDS,
            TimeUnit.SECONDS);
  }

  /** This JVM's Java, and of its class path what decoding needs. */
  private List<String> command() {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx%dm".formatted(Math.max(16, megabytes / 2)), // for the windows; frames are native
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1", // the hot loops are FFmpeg's; compiling would cost more
        "-XX:-UsePerfData",
        "-XX:+ExitOnOutOfMemoryError",
        "-XX:+SuppressFatalErrorMessage", // a bad corpus would leave thousands of reports
        "-XX:-CreateCoredumpOnCrash",
        "-Dorg.bytedeco.javacpp.maxBytes=0", // the parent watches
        "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
        "-cp",
        String.join(System.getProperty("path.separator"), classPath()),
        child.getName());
  }

  /** On a cluster the job's jars are not on the JVM's own class path, so they are looked up. */
  private Set<String> classPath() {
    String natives = "org/bytedeco/%s/" + Loader.getPlatform() + "/";
    List<String> resources =
        Stream.concat(
                Stream.of(child, DecoderChild.class, Frames.class, Loader.class, avutil.class)
                    .map(type -> type.getName().replace('.', '/') + ".class"),
                Stream.of(
                    natives.formatted("javacpp") + System.mapLibraryName("jnijavacpp"),
                    natives.formatted("ffmpeg") + System.mapLibraryName("jniavutil")))
            .toList();
    Set<String> places = new LinkedHashSet<>();
    for (String resource : resources) {
      URL url = child.getClassLoader().getResource(resource);
      if (url != null) { // natives may be installed in the system instead
        String place = url.toString().replace("!/" + resource, "").replace(resource, "");
        places.add(Path.of(URI.create(place.replaceFirst("^jar:", ""))).toString());
      }
    }
    return places;
  }
}
