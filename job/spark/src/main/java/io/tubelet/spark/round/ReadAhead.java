package io.tubelet.spark.round;

import io.tubelet.cube.CubeBatch;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Minibatches read by a thread of its own while the engine computes, a bounded number ahead. What
 * goes wrong in that thread is thrown where the minibatch is asked for.
 */
public final class ReadAhead implements Iterator<CubeBatch>, AutoCloseable {
  private static final int DEPTH = 2;

  /** Either a minibatch or what went wrong instead. */
  private record Item(CubeBatch batch, Throwable failure) {}

  private final BlockingQueue<Item> queue = new ArrayBlockingQueue<>(DEPTH);
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Thread thread;
  private final int count;
  private int taken;
  private long waitNanos;

  ReadAhead(MinibatchSource.Minibatches minibatches) {
    count = minibatches.count();
    thread = new Thread(() -> readAll(minibatches), "read-ahead");
    thread.setDaemon(true);
    thread.start();
  }

  private void readAll(MinibatchSource.Minibatches minibatches) {
    try (minibatches) {
      for (int i = 0; i < count && !closed.get(); i++) {
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
      queue.put(new Item(null, failure));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public boolean hasNext() {
    return taken < count;
  }

  @Override
  public CubeBatch next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    long start = System.nanoTime();
    Item item = take();
    waitNanos += System.nanoTime() - start;
    taken++;
    if (item.failure instanceof RuntimeException e) {
      throw e;
    }
    if (item.failure != null) {
      throw new IllegalStateException("reading failed", item.failure);
    }
    return item.batch;
  }

  private Item take() {
    try {
      return queue.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for a minibatch", e);
    }
  }

  /** How long {@link #next} has waited for data, all together. */
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
