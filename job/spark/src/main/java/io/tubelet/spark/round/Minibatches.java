package io.tubelet.spark.round;

import io.tubelet.clip.Frames;
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
 * Minibatches one after the other. Threads read and crop the clips of the next one while the caller
 * cuts this one into cubes; what they read does not depend on how many they are.
 */
final class Minibatches implements AutoCloseable {
  private final Presentation presentation;
  private final List<List<ClipRow>> clips;
  private final long epoch;
  private final BlockingQueue<ClipAccess.Clips> readers;
  private final ExecutorService threads;
  private final Queue<Quarantined> refused = new ConcurrentLinkedQueue<>();
  private List<Future<List<Frames>>> next = List.of();

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
    List<Future<List<Frames>>> coming = next.isEmpty() ? start(index) : next;
    next = index + 1 < clips.size() ? start(index + 1) : List.of();
    List<ClipRow> read = new ArrayList<>();
    List<List<Frames>> samples = new ArrayList<>();
    for (int i = 0; i < coming.size(); i++) {
      List<Frames> own = result(coming.get(i));
      if (!own.isEmpty()) {
        read.add(clips.get(index).get(i));
        samples.add(own);
      }
    }
    return read.isEmpty()
        ? Optional.empty()
        : Optional.of(presentation.batch(read, samples, epoch));
  }

  private List<Future<List<Frames>>> start(int index) {
    return clips.get(index).stream().map(clip -> threads.submit(() -> samples(clip))).toList();
  }

  private List<Frames> samples(ClipRow clip) throws InterruptedException {
    ClipAccess.Clips reader = readers.take();
    try {
      return reader
          .read(clip, epoch, refused::add)
          .map(frames -> presentation.samples(frames, clip, epoch))
          .orElse(List.of());
    } finally {
      readers.add(reader);
    }
  }

  private static List<Frames> result(Future<List<Frames>> samples) throws InterruptedException {
    try {
      return samples.get();
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
