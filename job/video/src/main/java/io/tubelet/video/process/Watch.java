package io.tubelet.video.process;

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
  private volatile boolean tookTooLong;
  private volatile boolean tookTooMuch;

  private Watch(Process process, int seconds, int megabytes) {
    this.process = process;
    this.deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    this.megabytes = megabytes;
    this.look =
        CLOCK.scheduleAtFixedRate(this::look, PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
  }

  static Watch over(Process process, int seconds, int megabytes) {
    return new Watch(process, seconds, megabytes);
  }

  /** Does something later, on the thread that watches. */
  static void later(int seconds, Runnable task) {
    ScheduledFuture<?> unused = CLOCK.schedule(task, seconds, TimeUnit.SECONDS);
  }

  private void look() {
    tookTooLong |= System.nanoTime() - deadline > 0;
    tookTooMuch |= residentMegabytes() > megabytes;
    if (tookTooLong || tookTooMuch) {
      process.destroyForcibly();
    }
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

  boolean tookTooLong() {
    return tookTooLong;
  }

  boolean tookTooMuch() {
    return tookTooMuch;
  }

  @Override
  public void close() {
    look.cancel(false);
  }
}
