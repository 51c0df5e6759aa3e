package io.tubelet.engine.torch.bench;

import io.tubelet.clip.Frames;
import io.tubelet.clip.SampleSeed;
import io.tubelet.cube.CubeBatch;
import io.tubelet.engine.Engine;
import io.tubelet.engine.EngineProvider;
import io.tubelet.engine.Engines;
import io.tubelet.geometry.ClipGeometry;
import io.tubelet.masking.Mask;
import io.tubelet.masking.TubeMasking;
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
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;

/** Measures training steps, products and the plain network in turn, in one process. */
public final class Bench {
  private static final int WARM_UP = 2;
  private static final int PRODUCTS = 3;
  private static final long SEED = 1;
  private static final double RATIO = 0.9;

  private Bench() {}

  /**
   * Runs a case.
   *
   * @throws io.tubelet.engine.EngineUnavailableException if the engine cannot compute there
   */
  public static BenchResult run(BenchCase what) {
    Optimizer optimizer = new Optimizer.AdamW(0.9, 0.95, 1e-8, 0.05, 1);
    Training training = new Training(what.model(), optimizer, LearningRate.constant(1e-4));
    CubeBatch batch = batch(what);
    EngineProvider provider = Engines.find(what.engine(), what.placement().device());
    try (Engine engine = provider.open(training, what.placement())) {
      engine.load(TrainState.start(Parameters.draw(ParameterLayout.of(what.model()), SEED)));
      for (int i = 0; i < WARM_UP; i++) {
        engine.step(batch);
      }
      long peak = peakBytes();
      if (what.model().task() instanceof Task.Classification) {
        return measured(what, engine, batch, peak, Optional.empty());
      }
      try (PlainNetwork plain = new PlainNetwork(what.model(), what.placement())) {
        plain.step(batch);
        return measured(what, engine, batch, peak, Optional.of(plain));
      }
    }
  }

  private static BenchResult measured(
      BenchCase what, Engine engine, CubeBatch batch, long peak, Optional<PlainNetwork> plain) {
    double product = 0;
    double step = Double.POSITIVE_INFINITY;
    double plainStep = Double.POSITIVE_INFINITY;
    for (int round = 0; round < what.rounds(); round++) {
      for (int i = 0; i < PRODUCTS; i++) {
        product = Math.max(product, Product.gflops(what.placement()));
      }
      step = Math.min(step, seconds(() -> engine.step(batch)));
      if (plain.isPresent()) {
        plainStep = Math.min(plainStep, seconds(() -> plain.get().step(batch)));
      }
    }
    double flops = Flops.training(what.model(), batch.visible());
    return new BenchResult(
        what, product, what.batch() / step, what.batch() / plainStep, flops, peak);
  }

  private static double seconds(Runnable body) {
    long start = System.nanoTime();
    body.run();
    return (System.nanoTime() - start) * 1e-9;
  }

  /** Noise as clips; tubes hidden for pretraining, labels for classification. */
  static CubeBatch batch(BenchCase what) {
    ClipGeometry geometry = what.model().geometry();
    List<String> ids = IntStream.range(0, what.batch()).mapToObj(i -> "clip" + i).toList();
    boolean pretraining = what.model().task() instanceof Task.Pretraining;
    int classes = pretraining ? 0 : what.model().classification().classes();
    float[] labels = new float[classes * what.batch()];
    for (int i = 0; i < what.batch() && classes > 0; i++) {
      labels[i * classes + i % classes] = 1;
    }
    return CubeBatch.cut(
        geometry,
        ids.stream().map(id -> frames(geometry, id)).toList(),
        ids.stream().map(id -> mask(geometry, id, pretraining)).toList(),
        labels,
        ids);
  }

  private static Frames frames(ClipGeometry geometry, String id) {
    byte[] bytes = new byte[geometry.clipBytes()];
    SampleSeed.of(SEED, 0, id, "pixels").nextBytes(bytes);
    return new Frames(geometry.frames(), geometry.height(), geometry.width(), bytes);
  }

  private static Mask mask(ClipGeometry geometry, String id, boolean hides) {
    return hides
        ? new TubeMasking(RATIO).draw(geometry, SampleSeed.of(SEED, 0, id, "mask"))
        : Mask.none(geometry.tokens());
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
