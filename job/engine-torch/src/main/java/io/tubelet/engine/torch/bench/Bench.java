package io.tubelet.engine.torch.bench;

import io.tubelet.cube.CubeBatch;
import io.tubelet.engine.Engine;
import io.tubelet.engine.EngineProvider;
import io.tubelet.engine.EngineUnavailableException;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.model.Task;
import io.tubelet.training.LearningRate;
import io.tubelet.training.Optimizer;
import io.tubelet.training.TrainState;
import io.tubelet.training.Training;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;

/** Measures training steps, products and the plain network in turn, in one process. */
public final class Bench {
  private static final int WARM_UP = 2;
  private static final int PRODUCTS = 3;

  /** The first one behind a step of the plain network pays for the memory that that gave back. */
  private static final int STEPS = 3;

  private static final long SEED = 1;
  private static final String TORCH = "torch";

  private Bench() {}

  /**
   * Runs a case.
   *
   * @throws EngineUnavailableException if the engine, or LibTorch for the yardstick, cannot compute
   *     there
   */
  public static BenchResult run(BenchCase what) {
    EngineProvider provider = EngineProvider.find(what.engine(), what.placement().device());
    EngineProvider.find(
        TORCH, what.placement().device()); // computes the product, for either engine
    try (Engine engine = provider.open(training(what), what.placement())) {
      engine.load(TrainState.start(Parameters.draw(ParameterLayout.of(what.model()), SEED)));
      Clips clips = Clips.of(what);
      double wait = waitShare(engine, clips);
      CubeBatch batch = clips.cut();
      long peak = peakBytes();
      if (what.model().task() instanceof Task.Classification || !what.engine().equals(TORCH)) {
        return measured(what, engine, batch, wait, peak, Optional.empty());
      }
      try (PlainNetwork plain = new PlainNetwork(what.model(), what.placement())) {
        plain.step(batch);
        return measured(what, engine, batch, wait, peak, Optional.of(plain));
      }
    }
  }

  private static Training training(BenchCase what) {
    Optimizer optimizer = new Optimizer.AdamW(0.9, 0.95, 1e-8, 0.05, 1);
    return new Training(what.model(), optimizer, LearningRate.constant(1e-4));
  }

  /** Warms the engine up as a replica is fed: the next minibatch is cut while it takes a step. */
  private static double waitShare(Engine engine, Clips clips) {
    double waited = 0;
    double total = 0;
    for (int i = 0; i < WARM_UP; i++) {
      CompletableFuture<CubeBatch> next = CompletableFuture.supplyAsync(clips::cut);
      total = seconds(() -> engine.step(clips.cut()));
      waited = seconds(next::join);
    }
    return waited / (waited + total);
  }

  private static BenchResult measured(
      BenchCase what,
      Engine engine,
      CubeBatch batch,
      double wait,
      long peak,
      Optional<PlainNetwork> plain) {
    double product = 0;
    OptionalDouble oneDnn = OptionalDouble.empty();
    double step = Double.POSITIVE_INFINITY;
    double plainStep = Double.POSITIVE_INFINITY;
    for (int round = 0; round < what.rounds(); round++) {
      for (int i = 0; i < PRODUCTS; i++) {
        product = Math.max(product, Product.gflops(what.placement()));
        oneDnn = faster(oneDnn, Product.oneDnnGflops(what.placement()));
      }
      for (int i = 0; i < STEPS; i++) {
        step = Math.min(step, seconds(() -> engine.step(batch)));
      }
      if (plain.isPresent()) {
        plainStep = Math.min(plainStep, seconds(() -> plain.get().step(batch)));
      }
    }
    OptionalDouble plainRate =
        plain.isPresent() ? OptionalDouble.of(what.batch() / plainStep) : OptionalDouble.empty();
    double flops = Flops.training(what.model(), batch.visible());
    return new BenchResult(
        what, product, oneDnn, what.batch() / step, plainRate, flops, wait, peak);
  }

  private static OptionalDouble faster(OptionalDouble one, OptionalDouble other) {
    return one.orElse(0) > other.orElse(0) ? one : other;
  }

  private static double seconds(Runnable body) {
    long start = System.nanoTime();
    body.run();
    return (System.nanoTime() - start) * 1e-9;
  }

  /** Most resident memory this process has had, in bytes; the present one where nobody counts. */
  private static long peakBytes() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
      return lines
          .filter(line -> line.startsWith("VmHWM:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
          .findFirst()
          .orElseGet(Pointer::physicalBytes);
    } catch (IOException e) {
      return Pointer.physicalBytes(); // no Linux
    }
  }
}
