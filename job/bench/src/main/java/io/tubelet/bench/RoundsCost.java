package io.tubelet.bench;

import io.tubelet.augment.Augmentation;
import io.tubelet.augment.Crop;
import io.tubelet.clip.ClipGeometry;
import io.tubelet.cube.CubeBatch;
import io.tubelet.engine.Engine;
import io.tubelet.model.ParameterLayout;
import io.tubelet.spark.data.Labels;
import io.tubelet.spark.train.Checkpoints;
import io.tubelet.spark.train.ClipTransform;
import io.tubelet.spark.train.Master;
import io.tubelet.spark.train.Master.Decision;
import io.tubelet.spark.train.MinibatchSource;
import io.tubelet.spark.train.Progress;
import io.tubelet.spark.train.ReadAhead;
import io.tubelet.spark.train.RoundResult;
import io.tubelet.spark.train.Rounds;
import io.tubelet.spark.train.RoundsMaster;
import io.tubelet.train.AveragingRule;
import io.tubelet.train.RoundMetrics;
import io.tubelet.train.SamplePlan;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.DoubleSupplier;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;

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
  Map<String, Object> run(JavaSparkContext spark) throws IOException {
    var settings =
        new RoundsMaster.Settings(
            step.engine(), step.placement(), AveragingRule.PLAIN, Duration.ofMinutes(5), false);
    java.nio.file.Path folder = Files.createTempDirectory("rounds");
    Configuration hadoop = new Configuration();
    ExecutorService threads = Executors.newFixedThreadPool(replicas);
    List<Engine> bare = new ArrayList<>();
    try (RoundsMaster master = new RoundsMaster(settings)) {
      IntStream.range(0, replicas).forEach(i -> bare.add(step.open()));
      List<List<CubeBatch>> batches = batches();
      Path start =
          new Checkpoints(hadoop, new Path(folder.toUri()))
              .save(step.start(), new Progress("", 0, 0, false), List.of(), 1);
      Timed timed = new Timed(() -> seconds(threads, bare, batches), new ArrayList<>());
      master.train(
          spark,
          new Master.Stretch(
              start, 0, rounds(), step.training(), source(), new SerializableConfiguration(hadoop)),
          timed);
      return figures(timed.results.subList(WARM_UP, timed.results.size()));
    } finally {
      threads.shutdown();
      bare.forEach(Engine::close);
      new Path(folder.toUri()).getFileSystem(hadoop).delete(new Path(folder.toUri()), true);
    }
  }

  /** A round, and what the bare engines took right after it. */
  private record Result(RoundResult round, double bare) {}

  /** After each round, while its replicas wait for the answer, times the bare engines. */
  private record Timed(DoubleSupplier bare, List<Result> results) implements Master.Listener {
    @Override
    public Decision after(RoundResult result) {
      results.add(new Result(result, bare.getAsDouble()));
      return new Decision(null, false);
    }

    @Override
    public void written(Map<String, String> digests) {}
  }

  private Map<String, Object> figures(List<Result> results) {
    RoundResult fastest =
        results.stream()
            .map(Result::round)
            .min(Comparator.comparingDouble(round -> round.seconds().total()))
            .orElseThrow();
    return figures(fastest, results.stream().mapToDouble(Result::bare).min().orElseThrow());
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
      try (ReadAhead minibatches = source().read(rounds(), 0, 1, replica)) {
        minibatches.forEachRemaining(batch -> own.add(batch.orElseThrow()));
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
