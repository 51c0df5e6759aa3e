package io.tubelet.bench;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.Frames;
import io.tubelet.clip.SampleSeed;
import io.tubelet.cube.CubeBatch;
import io.tubelet.engine.Engine;
import io.tubelet.engine.EngineProvider;
import io.tubelet.engine.Placement;
import io.tubelet.masking.Mask;
import io.tubelet.masking.Masking;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.model.Task;
import io.tubelet.train.LearningRate;
import io.tubelet.train.Optimizer;
import io.tubelet.train.TrainState;
import io.tubelet.train.Training;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;

/**
 * What training steps reach: steps of an engine and products, timed in turn in one process. Rates
 * are those of the fastest round: a busy machine only ever makes slower.
 *
 * @param engine name of the engine
 * @param placement device, precision, threads
 * @param name the network's name for the report, e.g. {@code s pretraining}
 * @param model the network
 * @param masking what pretraining hides
 * @param batch clips of a step
 * @param rounds how often everything is timed, one after the other
 */
record StepsCost(
    String engine,
    Placement placement,
    String name,
    ModelSpec model,
    Masking masking,
    int batch,
    int rounds) {
  private static final int WARM_UP = 2;
  private static final int PRODUCTS = 3;

  private static final int STEPS = 3;

  private static final long SEED = 1;
  private static final String TORCH = "torch";

  /**
   * Times it; every figure by a key that stays. {@code wait_share} is the share of its time that a
   * step loop waits for another thread to cut clips into cubes, {@code peak_bytes} the most
   * resident memory of the process in the engine's first steps, {@code peak_bytes_per_clip} what of
   * it was not there before them, a clip of the batch.
   *
   * @throws io.tubelet.engine.EngineProvider.EngineUnavailableException if the engine, or LibTorch
   *     for the yardstick, cannot compute there
   */
  Map<String, Object> run() {
    EngineProvider.find(TORCH, placement.device()); // computes the product, for either engine
    try (Engine opened = open()) {
      Supplier<CubeBatch> clips = clips();
      long before = restartPeak();
      double wait = waitShare(opened, clips);
      CubeBatch cut = clips.get();
      long peak = peakBytes();
      Map<String, Object> figures = figures(opened, cut, wait);
      figures.put("peak_bytes", peak);
      figures.put("peak_bytes_per_clip", (peak - before) / batch);
      return figures;
    }
  }

  /** The same of another network and batch, with {@code suffix} at its name. */
  StepsCost of(String suffix, ModelSpec other, int clips) {
    return new StepsCost(engine, placement, name + suffix, other, masking, clips, rounds);
  }

  /** An engine that holds {@link #start}. */
  Engine open() {
    Engine opened = EngineProvider.find(engine, placement.device()).open(training(), placement);
    opened.load(start());
    return opened;
  }

  Training training() {
    Optimizer optimizer = new Optimizer.AdamW(0.9, 0.95, 1e-8, 0.05, 1);
    return new Training(model, optimizer, LearningRate.constant(1e-4));
  }

  TrainState start() {
    return TrainState.start(Parameters.draw(ParameterLayout.of(model), SEED));
  }

  /** Cuts a minibatch of noise, the same each time: with hidden tokens or with labels. */
  Supplier<CubeBatch> clips() {
    ClipGeometry geometry = model.geometry();
    int classes = model.task() instanceof Task.Classification task ? task.classes() : 0;
    List<String> ids = IntStream.range(0, batch).mapToObj(i -> "clip" + i).toList();
    List<Frames> frames = ids.stream().map(new Noise(geometry)::frames).toList();
    List<Mask> masks =
        ids.stream()
            .map(
                id ->
                    classes > 0
                        ? Mask.none(geometry.tokens())
                        : masking.draw(geometry, SampleSeed.of(SEED, 0, id, "mask")))
            .toList();
    float[] labels = new float[classes * batch];
    for (int i = 0; i < batch && classes > 0; i++) {
      labels[i * classes + i % classes] = 1;
    }
    return () -> CubeBatch.cut(geometry, frames, masks, labels, ids);
  }

  /** Warms the engine up as a replica is fed: the next minibatch is cut while it takes a step. */
  private static double waitShare(Engine engine, Supplier<CubeBatch> clips) {
    double waited = 0;
    double total = 0;
    for (int i = 0; i < WARM_UP; i++) {
      CompletableFuture<CubeBatch> next = CompletableFuture.supplyAsync(clips);
      total = seconds(() -> engine.step(clips.get()));
      waited = seconds(next::join);
    }
    return waited / (waited + total);
  }

  private Map<String, Object> figures(Engine engine, CubeBatch cut, double wait) {
    double product = 0; // 10⁹ operations a second
    double step = Double.POSITIVE_INFINITY; // seconds
    for (int round = 0; round < rounds; round++) {
      for (int i = 0; i < PRODUCTS; i++) {
        product = Math.max(product, Yardstick.gflops(placement));
      }
      for (int i = 0; i < STEPS; i++) {
        step = Math.min(step, seconds(() -> engine.step(cut)));
      }
    }
    double clipsPerSecond = batch / step;
    double gflops = clipsPerSecond * Yardstick.training(model, cut.visible()) * 1e-9;
    Map<String, Object> figures = figures("steps");
    figures.put("threads", placement.threads());
    figures.put("gemm_gflops", product);
    figures.put("step_gflops", gflops);
    figures.put("step_to_gemm", gflops / product);
    figures.put("clips_per_second", clipsPerSecond);
    figures.put("wait_share", wait);
    return figures;
  }

  /** What was timed; {@code kind} tells a reader what the figures after it are about. */
  Map<String, Object> figures(String kind) {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("kind", kind);
    figures.put("engine", engine);
    figures.put("device", placement.device().toString());
    figures.put("precision", placement.precision().toString());
    figures.put("model", name);
    figures.put("batch", batch);
    return figures;
  }

  private static double seconds(Runnable body) {
    long start = System.nanoTime();
    body.run();
    return (System.nanoTime() - start) * 1e-9;
  }

  /** Has Linux count the most memory from here on, and says how much there is now, in bytes. */
  private static long restartPeak() {
    try {
      Files.writeString(Path.of("/proc/self/clear_refs"), "5", StandardOpenOption.WRITE);
    } catch (IOException e) {
      // no Linux, or a kernel that counts from the start: the peak is the process's
    }
    return peakBytes();
  }

  /** Most resident memory since then, in bytes; the present one where nobody counts. */
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
