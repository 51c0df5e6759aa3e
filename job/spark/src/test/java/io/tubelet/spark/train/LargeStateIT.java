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
import io.tubelet.spark.cluster.ClusterPlugin;
import io.tubelet.spark.data.ClipAccess;
import io.tubelet.spark.data.CubeStore;
import io.tubelet.spark.data.Labels;
import io.tubelet.spark.data.TinyStore;
import io.tubelet.train.AveragingRule;
import io.tubelet.train.LearningRate;
import io.tubelet.train.Optimizer;
import io.tubelet.train.RoundMetrics;
import io.tubelet.train.SamplePlan;
import io.tubelet.train.StatePart;
import io.tubelet.train.Training;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A state, weights and two moments, that does not fit the driver's heap of 512 MB. {@code
 * -Dtubelet.large=24} for a network of 303 million parameters; the figures go to standard output.
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
  void isAveragedInADriversHeapSmallerThanTheState() throws Exception {
    assertThat(3 * parameters(DEPTH) * Float.BYTES).isGreaterThan(512L << 20);
    Path log = folder.resolve("log");
    ProcessBuilder driver =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + Path.of("../../conf/java-opens.args").toAbsolutePath(),
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                LargeStateIT.class.getName(),
                folder.toString(),
                Integer.toString(DEPTH))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    driver.environment().remove("JDK_JAVA_OPTIONS"); // its executors collect garbage in parallel
    int exit = driver.start().waitFor();
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
    try (JavaSparkContext spark = new JavaSparkContext(ClusterPlugin.in(conf))) {
      CubeStore store = TinyStore.make(Path.of(args[0], "store"), CLIPS, 4, 10);
      RunFolder folder =
          new RunFolder(
              new Configuration(), new org.apache.hadoop.fs.Path(Path.of(args[0], "run").toUri()));
      train(spark, store, folder, depth);
      requireAveraged(folder, depth);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
    System.exit(0);
  }

  private static void train(JavaSparkContext spark, CubeStore store, RunFolder folder, int depth)
      throws Exception {
    ClipTransform presentation =
        new ClipTransform(
            TinyRun.GEOMETRY,
            new Augmentation(new Crop.MultiScale()),
            new TubeMasking(0.5),
            new Labels(List.of()),
            0,
            1);
    SamplePlan plan = new SamplePlan(1, CLIPS, 2, 2);
    MinibatchSource source =
        new MinibatchSource(plan, ClipAccess.ofStore(spark, store, store.clips()), presentation, 0);
    Optimizer adamw = new Optimizer.AdamW(0.9, 0.95, 1e-8, 0.05, 1);
    TrainingRun run =
        new TrainingRun(
            "large",
            new Training(model(depth), adamw, LearningRate.constant(0.1)),
            AveragingRule.PLAIN,
            new Rounds(plan, 2, 2), // two rounds of two steps of two clips
            "settings",
            List.of(),
            new TrainingRun.Keeping(2, 1, 0),
            new Mlflow.Target("", "", List.of()),
            TrainingRun.Validation.NONE,
            Quarantine.NONE);
    ParameterLayout layout = ParameterLayout.of(model(depth));
    long start = System.nanoTime();
    try (RunLease lease = RunLease.acquire(folder, new RunLease.Terms(5, 30, 0));
        Master master =
            new RoundsMaster(
                new RoundsMaster.Settings(
                    TallyEngine.NAME, Placement.ONE_THREAD, Duration.ofMinutes(5), false))) {
      new TrainingLoop(run, folder, master, source, i -> first(layout, i), lease).run(spark);
    }
    List<RoundMetrics> rounds = EventLog.read(folder.hadoop(), folder.events("large"));
    System.out.printf(
        "large state: %d MB, the driver's heap has %d MB; all in %.1f s, averaging and moving %s"
            + " s%n",
        3 * layout.count() * Float.BYTES / 1_000_000,
        Runtime.getRuntime().maxMemory() / 1_000_000,
        (System.nanoTime() - start) / 1e9,
        rounds.stream().map(round -> "%.1f".formatted(round.seconds().average())).toList());
  }

  /** Each tensor is full of a number of its own; the clips are counted in the first. */
  private static float[] first(ParameterLayout layout, int index) {
    float[] values = new float[layout.parameters().get(index).size()];
    Arrays.fill(values, index < 2 ? 0 : index);
    return values;
  }

  /** The engine counts clips in the first tensor, mixes the second, and leaves the others. */
  private static void requireAveraged(RunFolder folder, int depth) {
    ParameterLayout layout = ParameterLayout.of(model(depth));
    new CheckpointFolder(folder.hadoop(), folder.checkpoints("large").newest().orElseThrow())
        .read(
            layout,
            List.of(StatePart.WEIGHTS, StatePart.SECOND_MOMENT),
            (part, index, values) -> {
              float[] expected = new float[values.length];
              boolean weights = part.equals(StatePart.WEIGHTS);
              Arrays.fill(expected, weights ? index : 0);
              for (int clip = 0; clip < CLIPS && index == 0 && weights; clip++) {
                require(values[clip] == 1, "clip " + clip + " counts " + values[clip]);
              }
              require(index < 2 || Arrays.equals(values, expected), part + " " + index);
            });
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }
}
