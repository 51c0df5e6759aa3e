package io.tubelet.spark.round;

import io.tubelet.augment.Augmentation;
import io.tubelet.augment.Crop;
import io.tubelet.cube.CubeBatch;
import io.tubelet.engine.Device;
import io.tubelet.engine.Engine;
import io.tubelet.engine.Engines;
import io.tubelet.engine.Placement;
import io.tubelet.geometry.ClipGeometry;
import io.tubelet.masking.TubeMasking;
import io.tubelet.model.ModelSize;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.spark.LocalSpark;
import io.tubelet.spark.store.CubeStore;
import io.tubelet.spark.store.Labels;
import io.tubelet.spark.store.StoreAccess;
import io.tubelet.spark.store.TinyStore;
import io.tubelet.training.LearningRate;
import io.tubelet.training.Optimizer;
import io.tubelet.training.SamplePlan;
import io.tubelet.training.TrainState;
import io.tubelet.training.Training;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Rounds on local[2] against bare engines, one a thread, on the same minibatches: {@code main SIZE
 * ENGINE BATCH ROUNDS}. Prints clips a second of both, interleaved, and their ratio.
 */
public final class RoundsBench {
  private static final int PERIOD = 10;
  private static final int REPLICAS = 2;

  private RoundsBench() {}

  private record Case(Training training, MinibatchSource source, String engine, int rounds) {
    Rounds all() {
      return new Rounds(source.plan(), rounds, PERIOD);
    }

    TrainState first() {
      return TrainState.start(Parameters.draw(ParameterLayout.of(training.model()), 1));
    }
  }

  /** Runs it. */
  public static void main(String[] args) throws Exception {
    int batch = Integer.parseInt(args[2]);
    int rounds = Integer.parseInt(args[3]);
    int pixels = Integer.parseInt(args[4]);
    int frames = 16;
    ClipGeometry geometry = new ClipGeometry(frames, pixels, pixels, 2, pixels >= 64 ? 16 : 8);
    ModelSpec model = ModelSize.valueOf(args[0].toUpperCase(Locale.ROOT)).pretraining(geometry);
    Path folder = Files.createTempDirectory("rounds-bench");
    int clips = REPLICAS * batch * PERIOD; // one round an epoch
    CubeStore store = TinyStore.make(folder, clips, frames, pixels);
    JavaSparkContext spark = LocalSpark.context();
    SamplePlan plan = new SamplePlan(1, clips, REPLICAS, batch);
    Presentation presentation =
        new Presentation(
            geometry,
            new Augmentation(new Crop.MultiScale(), false),
            new TubeMasking(0.9),
            new Labels(List.of()),
            0,
            1);
    MinibatchSource source =
        new MinibatchSource(plan, StoreAccess.share(spark, store, store.clips()), presentation, 0);
    Training training =
        new Training(
            model, new Optimizer.AdamW(0.9, 0.95, 1e-8, 0.05, 1), LearningRate.constant(1e-4));
    measure(spark, new Case(training, source, args[1], rounds));
    System.exit(0);
  }

  private static void measure(JavaSparkContext spark, Case one) throws Exception {
    List<List<CubeBatch>> batches = batches(one);
    Master master = new Master.Rounds(one.engine, Placement.ONE_THREAD);
    double bare = 0;
    double rounds = 0;
    double average = 0;
    try (Trainer trainer = new Trainer(spark, one.training, one.source, PERIOD, master);
        Engine left = open(one);
        Engine right = open(one)) {
      trainer.load(one.first());
      for (int index = 0; index < one.rounds; index++) {
        RoundResult result = trainer.fit(one.all().at(index));
        double alone = bare(List.of(left, right), batches);
        System.out.printf(
            "round %.3f s (wait %.3f, compute %.3f, rest %.3f), bare %.3f s%n",
            result.seconds().total(),
            result.seconds().dataWait(),
            result.seconds().compute(),
            result.seconds().average(),
            alone);
        if (index >= one.rounds / 3) { // warm
          rounds += result.seconds().total();
          average += result.seconds().average();
          bare += alone;
        }
      }
    }
    System.out.printf(
        "%d parameters: rounds train at %.3f of bare engines; %.1f %% of a round is not compute or wait%n",
        ParameterLayout.of(one.training.model()).count(), bare / rounds, 100 * average / rounds);
  }

  private static Engine open(Case one) {
    Engine engine = Engines.find(one.engine, Device.CPU).open(one.training, Placement.ONE_THREAD);
    engine.load(one.first());
    return engine;
  }

  private static List<List<CubeBatch>> batches(Case one) {
    List<List<CubeBatch>> batches = new ArrayList<>();
    for (int replica = 0; replica < REPLICAS; replica++) {
      List<CubeBatch> own = new ArrayList<>();
      try (ReadAhead minibatches = one.source.read(one.all().at(0), replica)) {
        minibatches.forEachRemaining(own::add);
      }
      batches.add(own);
    }
    return batches;
  }

  private static double bare(List<Engine> engines, List<List<CubeBatch>> batches)
      throws InterruptedException {
    long start = System.nanoTime();
    ExecutorService threads = Executors.newFixedThreadPool(engines.size());
    for (int i = 0; i < engines.size(); i++) {
      Engine engine = engines.get(i);
      List<CubeBatch> own = batches.get(i);
      threads.execute(() -> own.forEach(engine::step));
    }
    threads.shutdown();
    threads.awaitTermination(1, java.util.concurrent.TimeUnit.HOURS);
    return (System.nanoTime() - start) / 1e9;
  }
}
