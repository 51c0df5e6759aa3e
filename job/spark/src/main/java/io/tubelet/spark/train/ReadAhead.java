package io.tubelet.spark.train;

import io.tubelet.cube.CubeBatch;
import io.tubelet.spark.data.ClipAccess;
import io.tubelet.spark.data.ClipRow;
import io.tubelet.spark.data.Quarantined;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * Minibatches in their order, read by threads while the engine computes, a bounded number ahead.
 * What they hold does not depend on the number of threads. What goes wrong in a thread is thrown
 * where the minibatch is asked for.
 */
public final class ReadAhead implements Iterator<CubeBatch>, AutoCloseable {
  /** Minibatches that are read or wait while the engine has one. */
  public static final int DEPTH = 3;

  private final ClipTransform presentation;
  private final Iterator<List<ClipRow>> clips;
  private final long epoch;
  private final BlockingQueue<ClipAccess.Clips> readers;
  private final ExecutorService threads;
  private final Queue<Quarantined> refused = new ConcurrentLinkedQueue<>();
  private final Deque<CompletableFuture<Optional<CubeBatch>>> coming = new ArrayDeque<>();
  private Optional<CubeBatch> upcoming = Optional.empty();
  private long waitNanos;

  /**
   * @param minibatches the clips of each
   * @param readers threads that read
   */
  ReadAhead(
      ClipAccess access,
      ClipTransform presentation,
      List<List<ClipRow>> minibatches,
      long epoch,
      int readers) {
    this.presentation = presentation;
    this.clips = minibatches.iterator();
    this.epoch = epoch;
    this.readers = new ArrayBlockingQueue<>(readers);
    for (int i = 0; i < readers; i++) {
      this.readers.add(access.open());
    }
    this.threads =
        Executors.newFixedThreadPool(
            readers,
            task -> {
              Thread thread = new Thread(task, "read-clips");
              thread.setDaemon(true);
              return thread;
            });
    fill();
  }

  private void fill() {
    while (coming.size() < DEPTH && clips.hasNext()) {
      coming.add(start(clips.next()));
    }
  }

  /** Reads a minibatch; the thread that adds its last clip finishes it. */
  private CompletableFuture<Optional<CubeBatch>> start(List<ClipRow> own) {
    ClipTransform.Collation collation = presentation.collate(own, epoch);
    CompletableFuture<?>[] clips =
        IntStream.range(0, own.size())
            .mapToObj(
                place ->
                    CompletableFuture.runAsync(
                        () -> add(own.get(place), collation, place), threads))
            .toArray(CompletableFuture<?>[]::new);
    return CompletableFuture.allOf(clips).thenApply(read -> collation.finish());
  }

  private void add(ClipRow clip, ClipTransform.Collation collation, int place) {
    ClipAccess.Clips reader;
    try {
      reader = readers.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CompletionException(e);
    }
    try {
      reader.read(clip, epoch, refused::add).ifPresent(frames -> collation.add(place, frames));
    } finally {
      readers.add(reader);
    }
  }

  /** Waits for the next minibatch of which a clip could be read, if there is one. */
  @Override
  public boolean hasNext() {
    long start = System.nanoTime();
    while (upcoming.isEmpty() && !coming.isEmpty()) {
      upcoming = await(coming.remove());
      fill();
    }
    waitNanos += System.nanoTime() - start;
    return upcoming.isPresent();
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

  @Override
  public CubeBatch next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    CubeBatch batch = upcoming.orElseThrow();
    upcoming = Optional.empty();
    return batch;
  }

  /** Clips so far that gave no frames, as often as they were asked for. */
  public List<Quarantined> refused() {
    return List.copyOf(refused);
  }

  /** How long {@link #hasNext} has waited for data, all together. */
  public double waitSeconds() {
    return waitNanos / 1e9;
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
