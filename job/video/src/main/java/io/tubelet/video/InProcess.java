package io.tubelet.video;

import io.tubelet.clip.Frames;
import io.tubelet.video.Decoded.Reason;
import io.tubelet.video.Decoding.DecodeLimits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URL;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.TimeUnit;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.Loader;

/**
 * Decodes in child processes, one per thread that decodes: a file that crashes FFmpeg, hangs in it
 * or takes too much memory ends its child and is blamed for it, and the next file gets another.
 *
 * <p>The machine has troubles too: a file is blamed for a crash, for time or for reading only if it
 * happens twice, and never for a child that somebody else ended.
 *
 * @param child class with the child's main method
 * @param megabytes of memory that a child may hold, heap and native
 */
public record InProcess(Class<?> child, int megabytes) implements Decoding {
  private static final int IDLE_SECONDS = 10;
  private static final int TRIES = 3;
  private static final Set<Reason> DOUBTFUL =
      EnumSet.of(Reason.CRASHED, Reason.TIMED_OUT, Reason.UNREADABLE);

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
    boolean doubted = false;
    for (int tries = 0; tries < TRIES; tries++) {
      DecoderProcess process = idle.pollFirst();
      process = process == null || !process.jvm.isAlive() ? start() : process;
      Optional<Decoded> decoded = process.decode(source, windows, limits);
      if (process.jvm.isAlive()) {
        idle.addFirst(process);
        discardIfIdle(process, idle);
      }
      if (decoded.orElse(null) instanceof Decoded.Clips clips) {
        return clips;
      }
      if (Thread.currentThread().isInterrupted()) {
        throw failure("the task was stopped over " + source.name());
      }
      if (decoded.isPresent()) {
        if (doubted || !DOUBTFUL.contains(((Decoded.Refused) decoded.get()).reason())) {
          return decoded.get();
        }
        doubted = true;
      }
    }
    throw failure(
        "%d processes were ended from outside, such as for want of memory; the last over %s"
            .formatted(TRIES, source.name()));
  }

  private static UncheckedIOException failure(String what) {
    return new UncheckedIOException(new IOException("decoding: " + what));
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
    CompletableFuture.delayedExecutor(IDLE_SECONDS, TimeUnit.SECONDS)
        .execute(
            () -> {
              if (idle.remove(process)) {
                process.jvm.destroyForcibly();
              }
            });
  }

  /** This JVM's Java, and of its class path what decoding needs. */
  private List<String> command() {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx%dm".formatted(Math.max(16, megabytes / 2)), // for the windows; frames are native
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1", // the hot loops are FFmpeg's; compiling would cost more
        "-XX:-UsePerfData",
        "-Duser.language=en", // some locales have digits of their own
        "-XX:+DisplayVMOutputToStderr", // SIGQUIT's dump of threads is no message
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
    List<String> resources = new ArrayList<>();
    for (Class<?> type :
        List.of(child, DecoderChild.class, Frames.class, Loader.class, avutil.class)) {
      resources.add(type.getName().replace('.', '/') + ".class");
    }
    resources.add(natives.formatted("javacpp") + System.mapLibraryName("jnijavacpp"));
    resources.add(natives.formatted("ffmpeg") + System.mapLibraryName("jniavutil"));
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
