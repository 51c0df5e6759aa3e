package io.tubelet.engine.torch;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BiFunction;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Data-parallel threads of a processor, each on other clips of a minibatch.
 *
 * <p>The products of this network are small: threads that share each of them wait for one another
 * thousands of times a step, and where a core is busy with something else, all wait for it. A
 * worker takes its clips forward and backward on its own; the gradients are added up at the end, in
 * the order of the workers, so that the same batch gives the same bits. A card has one worker.
 */
final class Workers implements AutoCloseable {
  /** Each worker has gradients of its own: with many threads a worker takes several instead. */
  private static final int MOST = 4;

  private final TorchDevice device;
  private final Network whole;
  private final List<Network> workers = new ArrayList<>();
  private final ExecutorService threads;

  /** Closes {@code weights} when it is closed. */
  Workers(Weights weights) {
    this.device = weights.device();
    this.whole = Network.of(weights);
    int all = device.placement().threads();
    int count = device.isCuda() ? 1 : MOST;
    while (all % count != 0) { // all of equally many threads
      count--;
    }
    for (int i = 0; i < count && count > 1; i++) {
      workers.add(Network.of(weights.shared(device.withThreads(all / count))));
    }
    this.threads = Executors.newFixedThreadPool(count, Workers::thread);
  }

  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work, "torch-worker");
    thread.setDaemon(true);
    return thread;
  }

  /**
   * Puts the gradient of the mean loss where {@link Weights#gradients} finds it.
   *
   * @return the mean loss, fp64 {@code [1]} on the device
   */
  Tensor backward(DeviceBatch batch) {
    if (whole.objective() instanceof Contrastive contrast) {
      Contrastive.Loss together = contrast.loss(all(batch, Network::predict));
      return apart(batch.withLabels(together.gradient())).add_(together.value());
    }
    return apart(batch);
  }

  private Tensor apart(DeviceBatch batch) {
    List<Tensor> losses = each(batch, Network::backward);
    Tensor loss = losses.get(0);
    if (isShared(batch)) {
      losses.stream().skip(1).forEach(loss::add_);
      workers.forEach(worker -> whole.weights().takeGradients(worker.weights()));
    }
    return loss;
  }

  /** What a function of some clips gives for all of them. */
  Tensor all(DeviceBatch batch, BiFunction<Network, DeviceBatch, Tensor> function) {
    return torch.cat(new TensorVector(each(batch, function).toArray(Tensor[]::new)), 0);
  }

  private List<Tensor> each(DeviceBatch batch, BiFunction<Network, DeviceBatch, Tensor> function) {
    if (!isShared(batch)) {
      return List.of(function.apply(whole, batch));
    }
    List<CompletableFuture<Tensor>> results = new ArrayList<>();
    List<DeviceBatch> shares = batch.shares(workers.size());
    for (int i = 0; i < workers.size(); i++) {
      Network worker = workers.get(i);
      DeviceBatch share = shares.get(i);
      results.add(CompletableFuture.supplyAsync(() -> owned(worker, share, function), threads));
    }
    // nobody may compute on when one has failed
    CompletableFuture.allOf(results.toArray(CompletableFuture[]::new))
        .exceptionally(e -> null)
        .join();
    device.enter(); // workers have set what MKL keeps per process
    results.stream()
        .filter(result -> !result.isCompletedExceptionally())
        .forEach(result -> Scope.adopt(result.join()));
    return results.stream().map(Workers::result).toList();
  }

  private static Tensor owned(
      Network worker, DeviceBatch share, BiFunction<Network, DeviceBatch, Tensor> function) {
    worker.weights().device().enter();
    return Scope.own(() -> function.apply(worker, share));
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

  /** Workers pay unless many of them would wait for the one that has a clip more. */
  private boolean isShared(DeviceBatch batch) {
    int count = workers.size();
    int longest = count == 0 ? 0 : (batch.size() + count - 1) / count;
    return count > 0 && batch.size() >= count && 4 * longest * count <= 5 * batch.size();
  }

  void dropGradients() {
    whole.weights().dropGradients();
    workers.forEach(worker -> worker.weights().dropGradients());
  }

  @Override
  public void close() {
    threads.shutdown();
    workers.forEach(Network::close);
    whole.close();
  }
}
