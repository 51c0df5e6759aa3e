package io.tubelet.spark.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.augment.Augmentation;
import io.tubelet.augment.Crop;
import io.tubelet.engine.Placement;
import io.tubelet.masking.TubeMasking;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Task;
import io.tubelet.model.Transformer;
import io.tubelet.spark.data.CubeStore;
import io.tubelet.spark.data.Labels;
import io.tubelet.spark.data.StoreAccess;
import io.tubelet.spark.data.TinyStore;
import io.tubelet.train.LearningRate;
import io.tubelet.train.Optimizer;
import io.tubelet.train.RoundMetrics;
import io.tubelet.train.SamplePlan;
import io.tubelet.train.StateView;
import io.tubelet.train.StateView.StateBuilder;
import io.tubelet.train.StateView.StatePart;
import io.tubelet.train.Training;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A state, weights and two moments, that does not fit the driver's heap twice: the heap is three
 * times the weights. {@code -Dtubelet.large=24} for a network of 303 million parameters; the
 * figures go to standard output.
 */
class LargeStateIT {
  private static final int DEPTH = Integer.getInteger("tubelet.large", 4);
  private static final int CLIPS = 8;

  @TempDir private Path folder;

  private static ModelSpec model(int depth) {
    Transformer small = new Transformer(24, 2, 3, 4);
    return new ModelSpec(
        TinyRun.GEOMETRY, new Transformer(1024, depth, 16, 4), new Task.Pretraining(small, true));
  }

  private static long parameters(int depth) {
    return ParameterLayout.of(model(depth)).count();
  }

  @Test
  void isAveragedInADriversHeapOfThreeTimesTheWeights() throws Exception {
    long mebibytes = (3 * parameters(DEPTH) * Float.BYTES) >> 20;
    Path log = folder.resolve("log");
    Process driver =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + Path.of("../../conf/java-opens.args").toAbsolutePath(),
                "-Xmx" + mebibytes + "m",
                "-cp",
                System.getProperty("java.class.path"),
                LargeStateIT.class.getName(),
                folder.toString(),
                Integer.toString(DEPTH))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    int exit = driver.waitFor();
    String said = Files.readString(log);
    assertThat(exit).as(said).isZero();
    said.lines().filter(line -> line.startsWith("large state:")).forEach(System.out::println);
  }

  /** The driver. Arguments: folder for its files, depth of the network. */
  public static void main(String[] args) {
    int depth = Integer.parseInt(args[1]);
    long stateBytes = 3 * parameters(depth) * Float.BYTES;
    String memory = ((2 * stateBytes) >> 20) + "m";
    SparkConf conf =
        new SparkConf()
            .setMaster("local-cluster[2,1,65536]")
            .setAppName("large state")
            .set("spark.executor.memory", memory)
            .set("spark.memory.fraction", "0.1") // of a heap are for blocks
            .set("spark.executor.extraClassPath", System.getProperty("java.class.path"))
            // the engine of this test has its state in the heap; G1 rounds large arrays up
            .set("spark.executor.extraJavaOptions", "-XX:+UseParallelGC -XX:NewRatio=4")
            .set("spark.local.dir", args[0])
            .set("spark.broadcast.compress", "false")
            .set("spark.shuffle.compress", "false")
            .set("spark.serializer.objectStreamReset", "1")
            .set("spark.ui.enabled", "false")
            .set("spark.driver.host", "127.0.0.1")
            .set("spark.log.level", "ERROR");
    try (JavaSparkContext spark = new JavaSparkContext(conf)) {
      AtomicLong shuffled = new AtomicLong();
      spark.sc().addSparkListener(new Shuffled(shuffled));
      CubeStore store = TinyStore.make(Path.of(args[0], "store"), CLIPS, 4, 10);
      try (Trainer trainer = trainer(spark, store, depth)) {
        train(trainer, ParameterLayout.of(model(depth)), shuffled);
      }
    }
    System.exit(0);
  }

  private static final class Shuffled extends SparkListener {
    private final AtomicLong bytes;

    Shuffled(AtomicLong bytes) {
      this.bytes = bytes;
    }

    @Override
    public void onTaskEnd(SparkListenerTaskEnd end) {
      if (end.taskMetrics() != null) { // else its executor was lost
        bytes.addAndGet(end.taskMetrics().shuffleWriteMetrics().bytesWritten());
      }
    }
  }

  private static Trainer trainer(JavaSparkContext spark, CubeStore store, int depth) {
    ClipTransform presentation =
        new ClipTransform(
            TinyRun.GEOMETRY,
            new Augmentation(new Crop.MultiScale()),
            new TubeMasking(0.5),
            new Labels(List.of()),
            0,
            1);
    MinibatchSource source =
        new MinibatchSource(
            plan(), StoreAccess.share(spark, store, store.clips()), presentation, 0);
    Optimizer adamw = new Optimizer.AdamW(0.9, 0.95, 1e-8, 0.05, 1);
    Training training = new Training(model(depth), adamw, LearningRate.constant(0.1));
    Master master = new Master.Rounds(TallyProvider.NAME, Placement.ONE_THREAD);
    return new Trainer(spark, training, source, 2, master);
  }

  /** Two replicas, two steps of two clips each. */
  private static SamplePlan plan() {
    return new SamplePlan(1, CLIPS, 2, 2);
  }

  private static void train(Trainer trainer, ParameterLayout layout, AtomicLong shuffled) {
    long stateBytes = 3 * layout.count() * Float.BYTES;
    long start = System.nanoTime();
    trainer.load(first(trainer, layout));
    System.out.printf(
        "large state: %d MB, the driver's heap has %d MB; shared in %.1f s%n",
        stateBytes / 1_000_000,
        Runtime.getRuntime().maxMemory() / 1_000_000,
        (System.nanoTime() - start) / 1e9);
    RoundMetrics.Seconds seconds = trainer.fit(new Rounds(plan(), 1, 2).at(0)).seconds();
    System.out.printf(
        "large state: round of %.1f s, of which %.1f averaging and moving; %d MB shuffled%n",
        seconds.total(), seconds.average(), shuffled.get() / 1_000_000);
    require(shuffled.get() >= 2 * stateBytes, "a whole state of each replica moves");
    requireAveraged(trainer.view());
  }

  /** A state that is never whole on the driver: each tensor is full of a number of its own. */
  private static StateView first(Trainer trainer, ParameterLayout layout) {
    StateBuilder<? extends StateView> builder = trainer.builder();
    for (StatePart part : trainer.parts()) {
      for (int i = 0; i < layout.parameters().size(); i++) {
        float[] values = new float[layout.parameters().get(i).size()];
        Arrays.fill(values, number(part, i));
        builder.add(part, i, values);
      }
    }
    return builder.build(0);
  }

  private static float number(StatePart part, int index) {
    return 1000 * part.prefix().length() + index;
  }

  /** The engine counts clips in the first tensor, mixes the second, and leaves the others. */
  private static void requireAveraged(StateView state) {
    float[] counts = state.tensor(StatePart.WEIGHTS, 0);
    for (int clip = 0; clip < CLIPS; clip++) {
      require(counts[clip] == 0.5f, "clip " + clip + " counts " + counts[clip]);
    }
    for (StatePart part : state.parts()) {
      for (int i = 2; i < state.layout().parameters().size(); i++) {
        float expected = number(part, i);
        for (float value : state.tensor(part, i)) {
          require(value == expected, part + " " + i + " has " + value);
        }
      }
    }
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }
}
