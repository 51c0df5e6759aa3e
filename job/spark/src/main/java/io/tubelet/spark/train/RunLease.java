package io.tubelet.spark.train;

import io.tubelet.spark.files.Failure.BusyException;
import io.tubelet.spark.files.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.util.ThreadUtils;

/**
 * {@code lease.json}: which process writes the run. It works on any file system where a file is
 * replaced as a whole: who wants the lease writes it, waits until a rival that started at the same
 * time has written too, and has it if it still reads its own (Fischer's mutual exclusion, in L.
 * Lamport, A Fast Mutual Exclusion Algorithm, 1987).
 *
 * <p>A lease is stale if its process is gone from this machine, or if its beat stops; the second is
 * seen by watching, since clocks differ. Should two processes write all the same, because one was
 * stopped for longer than that and then went on, they write the same bits: a checkpoint is a
 * function of the run's settings.
 */
public final class RunLease implements AutoCloseable {

  /**
   * How the lease is kept.
   *
   * @param beatSeconds time between two signs of life
   * @param staleSeconds how long a beat may stop before the process is taken for dead
   * @param settleSeconds how long a write may take to be seen by everyone
   */
  public record Terms(double beatSeconds, double staleSeconds, double settleSeconds) {}

  /** {@code lease.json}; {@code started} tells the process from a later one of the same number. */
  record Lease(String owner, String host, long pid, String started, long beat, String time) {

    Lease next() {
      return new Lease(owner, host, pid, started, beat + 1, Instant.now().toString());
    }

    boolean isGone() {
      return host.equals(hostName())
          && !ProcessHandle.of(pid).map(RunLease::started).orElse("").equals(started);
    }

    Duration age() {
      return Duration.between(Instant.parse(time), Instant.now());
    }
  }

  private final Configuration hadoop;
  private final Path path;
  private final Terms terms;
  private final ScheduledExecutorService heart =
      ThreadUtils.newDaemonSingleThreadScheduledExecutor("lease");
  private Lease mine;

  private RunLease(RunFolder folder, Terms terms) {
    this.hadoop = folder.hadoop();
    this.path = folder.file("lease.json");
    this.terms = terms;
    ProcessHandle self = ProcessHandle.current();
    String owner = UUID.randomUUID().toString();
    this.mine =
        new Lease(owner, hostName(), self.pid(), started(self), 0, Instant.now().toString());
  }

  /** Where a process number means one process: containers of one host may share its name. */
  static String hostName() {
    try {
      java.nio.file.Path numbers = java.nio.file.Path.of("/proc/self/ns/pid");
      String space = Files.isSymbolicLink(numbers) ? " " + Files.readSymbolicLink(numbers) : "";
      return InetAddress.getLocalHost().getHostName() + space;
    } catch (IOException e) {
      return "unknown";
    }
  }

  private static String started(ProcessHandle process) {
    return process.info().startInstant().map(Instant::toString).orElse("unknown");
  }

  /**
   * Takes the lease of a run, at once if nobody has it.
   *
   * @throws BusyException if another process has it and is alive
   */
  public static RunLease acquire(RunFolder folder, Terms terms)
      throws IOException, InterruptedException {
    RunLease lease = new RunLease(folder, terms);
    lease.await();
    long beat = nanos(terms.beatSeconds);
    var unused = lease.heart.scheduleWithFixedDelay(lease::beat, beat, beat, TimeUnit.NANOSECONDS);
    return lease;
  }

  private static long nanos(double seconds) {
    return (long) (seconds * 1e9);
  }

  private void await() throws IOException, InterruptedException {
    Lease seen = null;
    long seenAt = 0;
    while (true) {
      Lease found = read().orElse(null);
      boolean same = found != null && found.equals(seen);
      if (found == null
          || found.isGone()
          || (same && System.nanoTime() - seenAt > nanos(terms.staleSeconds))) {
        if (claim()) {
          return;
        }
        continue;
      }
      boolean moved = seen != null && !same;
      if (moved || found.age().toMillis() <= 2000 * terms.beatSeconds) {
        throw busy(found);
      }
      if (!same) {
        seen = found;
        seenAt = System.nanoTime();
      }
      TimeUnit.NANOSECONDS.sleep(nanos(Math.min(1, terms.beatSeconds / 2)));
    }
  }

  private boolean claim() throws IOException, InterruptedException {
    write();
    TimeUnit.NANOSECONDS.sleep(nanos(terms.settleSeconds));
    return isMine(read());
  }

  private Optional<Lease> read() {
    return Json.read(hadoop, path, Lease.class);
  }

  private synchronized void write() throws IOException {
    mine = mine.next();
    Json.write(hadoop, path, mine);
  }

  private boolean isMine(Optional<Lease> found) {
    return found.filter(lease -> lease.owner.equals(mine.owner)).isPresent();
  }

  private BusyException busy(Lease other) {
    return new BusyException(
        "%s: process %d on %s writes this run, last heard of at %s"
            .formatted(path, other.pid, other.host, other.time));
  }

  private void beat() {
    try {
      if (isMine(read())) {
        write();
      }
    } catch (IOException | RuntimeException e) {
      System.err.printf("tubelet: cannot renew %s: %s%n", path, e.getMessage());
    }
  }

  /**
   * Makes sure that this process still has the lease.
   *
   * @throws BusyException if another one has taken it
   */
  public void requireHeld() {
    Optional<Lease> found = read();
    if (found.isPresent() && !isMine(found)) {
      throw busy(found.get());
    }
  }

  /** Gives the lease back. */
  @Override
  public void close() throws IOException {
    heart.shutdown(); // without an interrupt, which a write to HDFS would not survive
    try {
      if (heart.awaitTermination(1, TimeUnit.MINUTES) && isMine(read())) {
        path.getFileSystem(hadoop).delete(path, false);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the lease goes stale
    }
  }
}
