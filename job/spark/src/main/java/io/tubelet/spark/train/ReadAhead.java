package io.tubelet.spark.train;

import io.tubelet.cube.CubeBatch;
import io.tubelet.spark.data.ClipAccess;
import io.tubelet.spark.data.Quarantined;
import io.tubelet.spark.train.ClipTransform.Collation;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.apache.spark.util.ThreadUtils;

/**
 * Minibatches in their order, read by threads while the engine computes, a bounded number ahead.
 * What they hold does not depend on the number of threads. What goes wrong in a thread is thrown
 * where the minibatch is asked for.
 */
public final class ReadAhead implements Iterator<Optional<CubeBatch>>, AutoCloseable {
  /** Minibatches that are read or wait while the engine has one. */
  public static final int DEPTH = 3;

  private final Iterator<Supplier<Collation>> planned;
  private final Queue<ClipAccess.Clips> readers = new ConcurrentLinkedQueue<>();
  private final ExecutorService threads;
  private final Queue<Quarantined> refused = new ConcurrentLinkedQueue<>();
  private final Deque<CompletableFuture<Optional<CubeBatch>>> coming = new ArrayDeque<>();
  private long waitNanos;

  /**
   * @param planned what is made of each minibatch, without clips if a step has fewer of them than
   *     there are replicas; asked for when its clips are to be read
   * @param readers threads that read
   */
  ReadAhead(ClipAccess access, Iterator<Supplier<Collation>> planned, int readers) {
    this.planned = planned;
    for (int i = 0; i < readers; i++) {
      this.readers.add(access.open());
    }
    this.threads = ThreadUtils.newDaemonFixedThreadPool(readers, "read-clips");
    fill();
  }

  private void fill() {
    while (coming.size() < DEPTH && planned.hasNext()) {
      coming.add(start(planned.next().get()));
    }
  }

  /** Reads a minibatch; the thread that adds its last clip finishes it. */
  private CompletableFuture<Optional<CubeBatch>> start(Collation minibatch) {
    CompletableFuture<?>[] clips =
        IntStream.range(0, minibatch.clips.size())
            .mapToObj(place -> CompletableFuture.runAsync(() -> add(minibatch, place), threads))
            .toArray(CompletableFuture<?>[]::new);
    return CompletableFuture.allOf(clips).thenApply(read -> minibatch.finish());
  }

  private void add(Collation minibatch, int place) {
    ClipAccess.Clips reader = readers.remove(); // there is one for each thread
    try {
      reader
          .read(minibatch.clips.get(place), minibatch.epoch, refused::add)
          .ifPresent(frames -> minibatch.add(place, frames));
    } finally {
      readers.add(reader);
    }
  }

  @Override
  public boolean hasNext() {
    return !coming.isEmpty();
  }

  /** Waits for the next minibatch; it is empty if none of its clips could be read. */
  @Override
  public Optional<CubeBatch> next() {
    long start = System.nanoTime();
    Optional<CubeBatch> next = await(coming.remove());
    fill();
    waitNanos += System.nanoTime() - start;
    return next;
  }

  private static Optional<CubeBatch> await(CompletableFuture<Optional<CubeBatch>> minibatch) {
    try {
      return minibatch.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException why
          ? why
          : new IllegalStateException("reading failed", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for a minibatch", e);
    }
  }

  /** Clips since the last call that gave no frames, as often as they were asked for. */
  List<Quarantined> takeRefused() {
    List<Quarantined> taken = new ArrayList<>();
    for (Quarantined one = refused.poll(); one != null; one = refused.poll()) {
      taken.add(one);
    }
    return taken;
  }

  /** How long {@link #next} has waited for data since the last call. */
  double takeWaitSeconds() {
    double seconds = waitNanos / 1e9;
    waitNanos = 0;
    return seconds;
  }

  @Override
  public void close() {
    threads.shutdownNow();
    try {
      while (!threads.awaitTermination(1, TimeUnit.MINUTES)) {
        threads.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    readers.forEach(ClipAccess.Clips::close);
  }
}
