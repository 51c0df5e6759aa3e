package io.tubelet.video.process;

import io.tubelet.video.Decoded.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Kills a process that takes too long or too much memory over one file. */
final class Watch implements AutoCloseable {
  private static final int PERIOD_MILLIS = 50;
  private static final ScheduledExecutorService CLOCK =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "decoder-watch");
            thread.setDaemon(true);
            return thread;
          });

  private final Process process;
  private final long deadline;
  private final int megabytes;
  private final ScheduledFuture<?> look;
  private volatile Reason killedFor;

  Watch(Process process, int seconds, int megabytes) {
    this.process = process;
    this.deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    this.megabytes = megabytes;
    this.look =
        CLOCK.scheduleAtFixedRate(this::look, PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** Does something later, on the thread that watches. */
  static void later(int seconds, Runnable task) {
    ScheduledFuture<?> unused = CLOCK.schedule(task, seconds, TimeUnit.SECONDS);
  }

  private void look() {
    if (System.nanoTime() - deadline > 0) {
      kill(Reason.TIMED_OUT);
    } else if (residentMegabytes() > megabytes) {
      kill(Reason.TOO_LARGE);
    }
  }

  private void kill(Reason reason) {
    killedFor = killedFor == null ? reason : killedFor;
    process.destroyForcibly();
  }

  /** 0 where the operating system does not tell: then the time limit alone holds. */
  private long residentMegabytes() {
    Path status = Path.of("/proc", Long.toString(process.pid()), "status");
    try (Stream<String> lines = Files.lines(status)) {
      Optional<String> resident = lines.filter(line -> line.startsWith("VmRSS:")).findFirst();
      return resident.map(line -> Long.parseLong(line.replaceAll("\\D", "")) >> 10).orElse(0L);
    } catch (IOException | RuntimeException e) { // gone already, or no Linux
      return 0;
    }
  }

  /** Why the process was killed, if it was. */
  Optional<Reason> killedFor() {
    return Optional.ofNullable(killedFor);
  }

  @Override
  public void close() {
    look.cancel(false);
  }
}
