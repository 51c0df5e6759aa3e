package io.tubelet.spark.round;

import io.tubelet.cube.CubeBatch;
import io.tubelet.spark.corpus.Quarantined;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Minibatches read by a thread of its own while the engine computes, a bounded number ahead. What
 * goes wrong in that thread is thrown where the minibatch is asked for.
 */
public final class ReadAhead implements Iterator<CubeBatch>, AutoCloseable {
  private static final int DEPTH = 2;

  /** A minibatch, or nothing where none of its clips could be read, or what went wrong instead. */
  private record Item(Optional<CubeBatch> batch, Throwable failure) {}

  private final BlockingQueue<Item> queue = new ArrayBlockingQueue<>(DEPTH);
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Minibatches minibatches;
  private final Thread thread;
  private Optional<CubeBatch> upcoming = Optional.empty();
  private int taken;
  private long waitNanos;

  ReadAhead(Minibatches minibatches) {
    this.minibatches = minibatches;
    thread = new Thread(this::readAll, "read-ahead");
    thread.setDaemon(true);
    thread.start();
  }

  private void readAll() {
    try (minibatches) {
      for (int i = 0; i < minibatches.count() && !closed.get(); i++) {
        queue.put(new Item(minibatches.read(i), null));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // closed while the queue was full
    } catch (Throwable e) {
      offer(e);
    }
  }

  private void offer(Throwable failure) {
    try {
      queue.put(new Item(Optional.empty(), failure));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits for the next minibatch of which a clip could be read, if there is one. */
  @Override
  public boolean hasNext() {
    long start = System.nanoTime();
    while (upcoming.isEmpty() && taken < minibatches.count()) {
      Item item = take();
      taken++;
      if (item.failure != null) {
        throw item.failure instanceof RuntimeException e
            ? e
            : new IllegalStateException("reading failed", item.failure);
      }
      upcoming = item.batch;
    }
    waitNanos += System.nanoTime() - start;
    return upcoming.isPresent();
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

  private Item take() {
    try {
      return queue.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for a minibatch", e);
    }
  }

  /** Clips so far that gave no frames. */
  public List<Quarantined> refused() {
    return minibatches.refused();
  }

  /** How long {@link #hasNext} has waited for data, all together. */
  public double waitSeconds() {
    return waitNanos / 1e9;
  }

  @Override
  public void close() {
    closed.set(true);
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
