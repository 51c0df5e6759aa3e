package io.tubelet.bench;

import io.tubelet.augment.Augmentation;
import io.tubelet.augment.Crop;
import io.tubelet.clip.ClipGeometry;
import io.tubelet.cube.CubeBatch;
import io.tubelet.engine.Engine;
import io.tubelet.model.ParameterLayout;
import io.tubelet.spark.data.Labels;
import io.tubelet.spark.train.ClipTransform;
import io.tubelet.spark.train.Master;
import io.tubelet.spark.train.MinibatchSource;
import io.tubelet.spark.train.ReadAhead;
import io.tubelet.spark.train.RoundResult;
import io.tubelet.spark.train.Rounds;
import io.tubelet.spark.train.Trainer;
import io.tubelet.train.AveragingRule;
import io.tubelet.train.RoundMetrics;
import io.tubelet.train.SamplePlan;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.DoubleSupplier;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * What rounds cost next to their steps: rounds of this project's master on a local Spark, each
 * followed by bare engines, one a thread, that take the same steps on the same minibatches, read
 * and cut before. Both use the same cores; the fastest round of each counts.
 *
 * @param step a step of one replica, for pretraining
 * @param replicas as many as there are cores
 * @param period steps of a round
 */
record RoundsCost(StepsCost step, int replicas, int period) {
  private static final int WARM_UP = 2;
  private static final long SEED = 1;

  /** Times it; every figure by a key that stays. */
  Map<String, Object> run(JavaSparkContext spark) {
    Master master = new Master.Rounds(step.engine(), step.placement(), AveragingRule.PLAIN);
    ExecutorService threads = Executors.newFixedThreadPool(replicas);
    List<Engine> bare = new ArrayList<>();
    try (Trainer trainer = new Trainer(spark, step.training(), source(), period, master)) {
      trainer.load(step.start());
      IntStream.range(0, replicas).forEach(i -> bare.add(step.open()));
      List<List<CubeBatch>> batches = batches();
      return time(trainer, () -> seconds(threads, bare, batches));
    } finally {
      threads.shutdown();
      bare.forEach(Engine::close);
    }
  }

  private Map<String, Object> time(Trainer trainer, DoubleSupplier bare) {
    double alone = Double.POSITIVE_INFINITY;
    List<RoundResult> results = new ArrayList<>();
    for (int index = 0; index < WARM_UP + step.rounds(); index++) {
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
    return new Rounds(source().plan(), WARM_UP + step.rounds(), period);
  }

  private Map<String, Object> figures(RoundResult round, double bare) {
    RoundMetrics.Seconds seconds = round.seconds();
    Map<String, Object> figures = step.figures("rounds");
    figures.put("parameters", ParameterLayout.of(step.model()).count());
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

  /** One round an epoch. */
  private MinibatchSource source() {
    ClipGeometry geometry = step.model().geometry();
    Augmentation whole = new Augmentation(Crop.Centre.view(0, 1));
    ClipTransform presentation =
        new ClipTransform(geometry, whole, step.masking(), new Labels(List.of()), 0, SEED);
    int clips = replicas * step.batch() * period;
    SamplePlan plan = new SamplePlan(SEED, clips, replicas, step.batch());
    return new MinibatchSource(plan, new Noise(geometry), presentation, 0);
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
  private static double seconds(
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
