package io.tubelet.engine.dl4j;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * The one thread on which an engine computes. ND4J ties workspaces, and so most of a network's
 * memory, to the thread that opens them; on a thread of the engine's own they are one set, whoever
 * calls, and end with the engine.
 */
final class EngineThread implements AutoCloseable {
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          work -> {
            Thread daemon = new Thread(work, "nd4j-engine");
            daemon.setDaemon(true);
            return daemon;
          });

  /** Computes there and waits, as if it were called here: an interrupt does not cut it short. */
  <T> T call(Supplier<T> work) {
    try {
      return CompletableFuture.supplyAsync(work, thread).join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      if (e.getCause() instanceof Error cause) {
        throw cause;
      }
      throw e;
    }
  }

  void run(Runnable work) {
    call(
        () -> {
          work.run();
          return true;
        });
  }

  @Override
  public void close() {
    thread.shutdown();
  }
}
