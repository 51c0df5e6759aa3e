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

/** Kills a process that takes too long or too much memory over one file. */
final class Watch implements AutoCloseable {
  private static final int PERIOD_MILLIS = 50;
  static final ScheduledExecutorService CLOCK =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "decoder-watch");
            thread.setDaemon(true);
            return thread;
          });

  private final ScheduledFuture<?> looking;
  private volatile Reason killedFor;

  Watch(Process process, int seconds, int megabytes) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    Runnable look =
        () -> {
          if (System.nanoTime() - deadline > 0) {
            kill(process, Reason.TIMED_OUT);
          } else if (residentMegabytes(process) > megabytes) {
            kill(process, Reason.TOO_LARGE);
          }
        };
    looking = CLOCK.scheduleAtFixedRate(look, PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void kill(Process process, Reason reason) {
    killedFor = killedFor == null ? reason : killedFor;
    process.destroyForcibly();
  }

  /** 0 where the operating system does not tell: then the time limit alone holds. */
  private static long residentMegabytes(Process process) {
    Path status = Path.of("/proc", Long.toString(process.pid()), "status");
    try {
      return Files.readAllLines(status).stream()
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) >> 10)
          .findFirst()
          .orElse(0);
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
    looking.cancel(false);
  }
}
