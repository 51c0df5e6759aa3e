package io.tubelet.spark.stage;

import io.tubelet.augment.Augmentation;
import io.tubelet.augment.Crop;
import io.tubelet.clip.ClipGeometry;
import io.tubelet.cube.CubeBatch;
import io.tubelet.engine.Engine;
import io.tubelet.engine.EngineProvider;
import io.tubelet.engine.Placement;
import io.tubelet.masking.Masking;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.spark.round.Master;
import io.tubelet.spark.round.MinibatchSource;
import io.tubelet.spark.round.Presentation;
import io.tubelet.spark.round.ReadAhead;
import io.tubelet.spark.round.RoundResult;
import io.tubelet.spark.round.Rounds;
import io.tubelet.spark.round.Trainer;
import io.tubelet.spark.store.Labels;
import io.tubelet.training.AveragingRule;
import io.tubelet.training.LearningRate;
import io.tubelet.training.Optimizer;
import io.tubelet.training.SamplePlan;
import io.tubelet.training.TrainState;
import io.tubelet.training.Training;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.DoubleSupplier;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * What rounds cost beside their steps: rounds of this project's master on a local Spark, each
 * followed by bare engines, one a thread, that take the same steps on the same minibatches, read
 * and cut before. Both use the same cores; the fastest round of each counts.
 *
 * @param engine name of the engine
 * @param placement where and how each replica computes
 * @param name the network's name
 * @param model the network, for pretraining
 * @param masking what is hidden
 * @param replicas as many as there are cores
 * @param batch clips of a step of one replica
 * @param period steps of a round
 * @param times rounds that are timed, after two that are not
 */
record RoundsCost(
    String engine,
    Placement placement,
    String name,
    ModelSpec model,
    Masking masking,
    int replicas,
    int batch,
    int period,
    int times) {
  private static final int WARM_UP = 2;
  private static final long SEED = 1;

  /** Times it; every figure by a key that stays. */
  Map<String, Object> run(JavaSparkContext spark) {
    Master master = new Master.Rounds(engine, placement, AveragingRule.PLAIN);
    ExecutorService threads = Executors.newFixedThreadPool(replicas);
    List<Engine> bare = new ArrayList<>();
    try (Trainer trainer = new Trainer(spark, training(), source(), period, master)) {
      trainer.load(start());
      IntStream.range(0, replicas).forEach(i -> bare.add(open()));
      List<List<CubeBatch>> batches = batches();
      return figures(trainer, () -> step(threads, bare, batches));
    } finally {
      threads.shutdown();
      bare.forEach(Engine::close);
    }
  }

  private Map<String, Object> figures(Trainer trainer, DoubleSupplier bare) {
    double alone = Double.POSITIVE_INFINITY;
    List<RoundResult> results = new ArrayList<>();
    for (int index = 0; index < WARM_UP + times; index++) {
      results.add(trainer.fit(rounds().at(index)));
      double seconds = bare.getAsDouble();
      alone = index < WARM_UP ? alone : Math.min(alone, seconds);
    }
    return figures(
        results.stream()
            .skip(WARM_UP)
            .min(Comparator.comparingDouble(result -> result.seconds().total()))
            .orElseThrow(),
        alone);
  }

  private Rounds rounds() {
    return new Rounds(source().plan(), WARM_UP + times, period);
  }

  private Map<String, Object> figures(RoundResult round, double bare) {
    RoundResult.Seconds seconds = round.seconds();
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("kind", "rounds");
    figures.put("engine", engine);
    figures.put("device", placement.device().toString());
    figures.put("precision", placement.precision().toString());
    figures.put("model", name + " rounds");
    figures.put("parameters", ParameterLayout.of(model).count());
    figures.put("batch", batch);
    figures.put("replicas", replicas);
    figures.put("period", period);
    figures.put("rounds_to_bare", bare / seconds.total());
    figures.put("clips_per_second", round.clips() / seconds.total());
    figures.put("bare_clips_per_second", round.clips() / bare);
    figures.put("step_seconds", seconds.compute());
    figures.put("wait_seconds", seconds.dataWait());
    figures.put("average_seconds", seconds.average());
    return figures;
  }

  private Training training() {
    Optimizer optimizer = new Optimizer.AdamW(0.9, 0.95, 1e-8, 0.05, 1);
    return new Training(model, optimizer, LearningRate.constant(1e-4));
  }

  private TrainState start() {
    return TrainState.start(Parameters.draw(ParameterLayout.of(model), SEED));
  }

  /** One round an epoch. */
  private MinibatchSource source() {
    ClipGeometry geometry = model.geometry();
    Augmentation whole = new Augmentation(Crop.Centre.view(0, 1));
    Presentation presentation =
        new Presentation(geometry, whole, masking, new Labels(List.of()), 0, SEED);
    SamplePlan plan = new SamplePlan(SEED, replicas * batch * period, replicas, batch);
    return new MinibatchSource(plan, new NoiseClips(geometry), presentation, 0);
  }

  private Engine open() {
    Engine opened = EngineProvider.find(engine, placement.device()).open(training(), placement);
    opened.load(start());
    return opened;
  }

  private List<List<CubeBatch>> batches() {
    List<List<CubeBatch>> batches = new ArrayList<>();
    for (int replica = 0; replica < replicas; replica++) {
      List<CubeBatch> own = new ArrayList<>();
      try (ReadAhead minibatches = source().read(rounds().at(0), replica)) {
        minibatches.forEachRemaining(own::add);
      }
      batches.add(own);
    }
    return batches;
  }

  /** Seconds that the engines take for their minibatches, all at once. */
  private static double step(
      ExecutorService threads, List<Engine> engines, List<List<CubeBatch>> batches) {
    long start = System.nanoTime();
    List<CompletableFuture<Void>> running = new ArrayList<>();
    for (int i = 0; i < engines.size(); i++) {
      Engine one = engines.get(i);
      List<CubeBatch> own = batches.get(i);
      running.add(CompletableFuture.runAsync(() -> own.forEach(one::step), threads));
    }
    running.forEach(CompletableFuture::join);
    return (System.nanoTime() - start) / 1e9;
  }
}
