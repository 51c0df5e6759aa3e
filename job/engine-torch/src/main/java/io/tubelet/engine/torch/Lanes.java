package io.tubelet.engine.torch;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BiFunction;
import org.bytedeco.pytorch.Tensor;

/**
 * A processor's threads, side by side on different clips of a minibatch.
 *
 * <p>The products of this network are small: threads that share each of them wait for one another
 * thousands of times a step, and where a core is busy with something else, all wait for it. A lane
 * takes its clips forward and backward on its own; the gradients are added up at the end, in the
 * order of the lanes, so that the same batch gives the same bits. A card is one lane.
 */
final class Lanes implements AutoCloseable {
  /** Each lane has gradients of its own: with many threads a lane takes several instead. */
  private static final int MOST = 4;

  private final Site site;
  private final Lane whole;
  private final List<Lane> lanes = new ArrayList<>();
  private final ExecutorService threads;

  /** Closes {@code weights} when it is closed. */
  Lanes(Weights weights, Site site) {
    this.site = site;
    this.whole = new Lane(weights, site);
    int count = count(site);
    for (int i = 0; i < count && count > 1; i++) {
      lanes.add(new Lane(weights.shared(), site.withThreads(threads(site) / count)));
    }
    this.threads = Executors.newFixedThreadPool(count, Lanes::thread);
  }

  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work, "torch-lane");
    thread.setDaemon(true);
    return thread;
  }

  private static int threads(Site site) {
    return site.placement().threads();
  }

  /** The most lanes of equally many threads. */
  private static int count(Site site) {
    int count = site.isCuda() ? 1 : MOST;
    while (threads(site) % count != 0) {
      count--;
    }
    return count;
  }

  /**
   * Puts the gradient of the mean loss where {@link Weights#gradients} finds it.
   *
   * @return the mean loss, fp64 {@code [1]} on the device
   */
  Tensor backward(DeviceBatch batch) {
    List<Tensor> losses = each(batch, Lane::backward);
    if (!isShared(batch)) {
      return losses.get(0);
    }
    Tensor loss = losses.get(0);
    for (int i = 1; i < lanes.size(); i++) {
      loss.add_(losses.get(i));
    }
    lanes.forEach(lane -> whole.weights().takeGradients(lane.weights()));
    return loss;
  }

  /** What a function of some clips gives for each share of them, in order. */
  List<Tensor> each(DeviceBatch batch, BiFunction<Lane, DeviceBatch, Tensor> function) {
    if (!isShared(batch)) {
      return List.of(function.apply(whole, batch));
    }
    List<CompletableFuture<Tensor>> results = new ArrayList<>();
    List<DeviceBatch> shares = batch.shares(lanes.size());
    for (int i = 0; i < lanes.size(); i++) {
      Lane lane = lanes.get(i);
      DeviceBatch share = shares.get(i);
      results.add(CompletableFuture.supplyAsync(() -> owned(lane, share, function), threads));
    }
    // nobody may compute on when one has failed
    CompletableFuture.allOf(results.toArray(CompletableFuture[]::new))
        .exceptionally(e -> null)
        .join();
    site.enter(); // lanes have set what MKL keeps per process
    results.stream()
        .filter(result -> !result.isCompletedExceptionally())
        .forEach(result -> Scope.adopt(result.join()));
    return results.stream().map(Lanes::result).toList();
  }

  private static Tensor owned(
      Lane lane, DeviceBatch share, BiFunction<Lane, DeviceBatch, Tensor> function) {
    lane.site().enter();
    return Scope.own(() -> function.apply(lane, share));
  }

  private static Tensor result(CompletableFuture<Tensor> future) {
    try {
      return future.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  /** Lanes pay unless many of them would wait for the one that has a clip more. */
  private boolean isShared(DeviceBatch batch) {
    int count = lanes.size();
    int longest = count == 0 ? 0 : (batch.size() + count - 1) / count;
    return count > 0 && batch.size() >= count && 4 * longest * count <= 5 * batch.size();
  }

  /** Frees what an interrupted pass left; the lanes can be used on. */
  void recover() {
    whole.recover();
    lanes.forEach(Lane::recover);
  }

  /** Forgets and frees the gradients. */
  void dropGradients() {
    whole.weights().dropGradients();
    lanes.forEach(lane -> lane.weights().dropGradients());
  }

  @Override
  public void close() {
    threads.shutdown();
    lanes.forEach(Lane::close);
    whole.close();
  }
}
