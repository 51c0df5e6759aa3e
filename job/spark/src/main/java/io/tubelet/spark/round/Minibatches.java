package io.tubelet.spark.round;

import io.tubelet.cube.CubeBatch;
import io.tubelet.spark.corpus.Quarantined;
import io.tubelet.spark.store.ClipAccess;
import io.tubelet.spark.store.ClipRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Minibatches one after the other. Threads read the clips of the next one while the caller takes
 * this one; what they read does not depend on how many they are.
 */
final class Minibatches implements AutoCloseable {
  private final Presentation presentation;
  private final List<List<ClipRow>> clips;
  private final long epoch;
  private final BlockingQueue<ClipAccess.Clips> readers;
  private final ExecutorService threads;
  private final Queue<Quarantined> refused = new ConcurrentLinkedQueue<>();
  private Optional<Coming> next = Optional.empty();

  /** A minibatch that is being read. */
  private record Coming(Assembly assembly, List<Future<?>> clips) {}

  /**
   * @param clips of each minibatch
   * @param readers threads that read
   */
  Minibatches(
      ClipAccess access,
      Presentation presentation,
      List<List<ClipRow>> clips,
      long epoch,
      int readers) {
    this.presentation = presentation;
    this.clips = clips;
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
  }

  int count() {
    return clips.size();
  }

  /** Clips that gave no frames so far, as often as they were asked for. */
  List<Quarantined> refused() {
    return List.copyOf(refused);
  }

  /** The next minibatch, in their order; empty if none of its clips gives frames. */
  Optional<CubeBatch> read(int index) throws InterruptedException {
    Coming coming = next.isPresent() ? next.get() : start(index);
    next = index + 1 < clips.size() ? Optional.of(start(index + 1)) : Optional.empty();
    for (Future<?> clip : coming.clips) {
      await(clip);
    }
    return coming.assembly.finish();
  }

  private Coming start(int index) {
    List<ClipRow> own = clips.get(index);
    Assembly assembly = new Assembly(presentation, own, epoch);
    List<Future<?>> tasks = new ArrayList<>();
    for (int i = 0; i < own.size(); i++) {
      int place = i;
      tasks.add(threads.submit(() -> add(own.get(place), assembly, place)));
    }
    return new Coming(assembly, tasks);
  }

  private Void add(ClipRow clip, Assembly assembly, int place) throws InterruptedException {
    ClipAccess.Clips reader = readers.take();
    try {
      reader.read(clip, epoch, refused::add).ifPresent(frames -> assembly.add(place, frames));
      return null;
    } finally {
      readers.add(reader);
    }
  }

  private static void await(Future<?> clip) throws InterruptedException {
    try {
      clip.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException why
          ? why
          : new IllegalStateException("reading failed", e.getCause());
    }
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
