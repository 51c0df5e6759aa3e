package io.tubelet.bench;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.engine.EngineProvider;
import io.tubelet.engine.Placement;
import io.tubelet.engine.Placement.Precision;
import io.tubelet.engine.torch.Natives;
import io.tubelet.masking.TubeMasking;
import io.tubelet.model.ModelSize;
import io.tubelet.model.ModelSpec;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.files.Failure.LayoutException;
import io.tubelet.spark.files.Json;
import io.tubelet.spark.stage.Outcome;
import io.tubelet.spark.stage.Run;
import io.tubelet.spark.stage.Stage;
import io.tubelet.train.AveragingRule;
import io.tubelet.train.LearningRate;
import io.tubelet.train.Optimizer;
import io.tubelet.train.OuterStep;
import io.tubelet.train.StateShape;
import io.tubelet.train.Training;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * {@code bench}: times training steps in the driver's process, without Spark, and then what rounds
 * add to them. Each figure is a map of stable keys; a line of text and, if wanted, an entry of a
 * JSON file show it.
 */
public final class BenchStage implements Stage.Added {
  private static final int CLASSES = 400;

  /** Clips of a replica's step, and steps of a round, where rounds are timed. */
  private static final int ROUNDS_BATCH = 4;

  private static final int PERIOD = 10;

  /** Clips of steps that compute nothing; what is averaged hardly depends on them. */
  private static final ClipGeometry SMALL = new ClipGeometry(2, 32, 32, 2, 16);

  /** How often everything is timed, in turn; the fastest counts. */
  private static final int ROUNDS = 3;

  @Override
  public String verb() {
    return "bench";
  }

  @Override
  public Outcome run(Run run) throws IOException {
    JobConfig config = run.config();
    SparkSession spark = run.session();
    Natives.chooseBlas(); // before ND4J loads one: it serves both engines of a process
    List<Map<String, Object>> figures = new ArrayList<>();
    boolean meetingsOnly = !config.bench().replicas().isEmpty();
    for (StepsCost what :
        meetingsOnly ? List.<StepsCost>of() : steps(config, run.placement(cores(spark)))) {
      figures.add(shown(what.run()));
      write(run, figures);
    }
    for (RoundsCost what : rounds(run)) {
      figures.add(shown(what.run(new JavaSparkContext(spark.sparkContext()))));
      write(run, figures);
    }
    return Outcome.done("timed %d cases".formatted(figures.size()));
  }

  /** After every case: whoever has no time for all of them keeps those that are done. */
  private static void write(Run run, List<Map<String, Object>> figures) throws IOException {
    String json = run.config().bench().json();
    if (!json.isEmpty()) {
      Configuration hadoop = run.session().sparkContext().hadoopConfiguration();
      Json.write(hadoop, new Path(json), Map.of("cases", figures));
    }
  }

  /** The process has the machine to itself: all cores that a local master was given. */
  private static int cores(SparkSession spark) {
    return spark.sparkContext().isLocal()
        ? spark.sparkContext().defaultParallelism()
        : Runtime.getRuntime().availableProcessors();
  }

  static List<StepsCost> steps(JobConfig config, Placement placement) {
    EngineProvider engine = EngineProvider.find(config.engine().name(), placement.device());
    List<StepsCost> cases = new ArrayList<>();
    for (Precision precision : precisions(config, engine, placement)) {
      for (ModelSize size : config.bench().sizes()) {
        cases.addAll(steps(config, engine.name(), placement.in(precision), size));
      }
    }
    return cases;
  }

  private static List<Precision> precisions(
      JobConfig config, EngineProvider engine, Placement placement) {
    List<Precision> wanted = config.bench().precisions();
    if (wanted.isEmpty()) {
      return List.of(engine.settle(placement).precision());
    }
    Set<Precision> there = engine.precisions(placement.device());
    for (Precision precision : wanted) {
      if (!there.contains(precision)) {
        System.out.printf(
            "bench: no steps in %s: engine %s has no instructions for it on %s%n",
            precision, engine.name(), placement.device());
      }
    }
    return wanted.stream().filter(there::contains).toList();
  }

  private static List<StepsCost> steps(
      JobConfig config, String engine, Placement placement, ModelSize size) {
    JobConfig.Bench bench = config.bench();
    StepsCost pretraining = step(config, engine, placement, size);
    ModelSpec classifier = pretraining.model().classifier(CLASSES);
    return Stream.concat(
            bench.pretraining().stream()
                .map(batch -> pretraining.of(" pretraining", pretraining.model(), batch)),
            bench.classification().stream()
                .map(batch -> pretraining.of(" classification", classifier, batch)))
        .toList();
  }

  /** A pretraining step of one clip. */
  private static StepsCost step(
      JobConfig config, String engine, Placement placement, ModelSize size) {
    ModelSpec network = size.pretraining(config.model().spec().geometry());
    String name = size.name().toLowerCase(Locale.ROOT);
    return new StepsCost(engine, placement, name, network, config.model().masking(), 1, ROUNDS);
  }

  /** Rounds of real steps, or of none. All tasks run in this process. */
  private static List<RoundsCost> rounds(Run run) {
    SparkSession spark = run.session();
    if (!spark.sparkContext().isLocal()) {
      System.out.println("bench: rounds are timed with a local master only");
      return List.of();
    }
    JobConfig config = run.config();
    JobConfig.Bench bench = config.bench();
    if (!bench.replicas().isEmpty()) {
      int most = Collections.max(bench.replicas());
      if (most > cores(spark)) {
        throw new LayoutException(
            List.of("bench.replicas = %d want spark.master = local[%1$d]".formatted(most)));
      }
      return bench.sizes().stream()
          .flatMap(size -> bench.replicas().stream().map(n -> meetings(size, n, bench.gigabits())))
          .toList();
    }
    Placement placement = run.placement(1);
    EngineProvider engine = EngineProvider.find(config.engine().name(), placement.device());
    StepsCost step = step(config, engine.name(), engine.settle(placement), ModelSize.MINI);
    StepsCost rounds = step.of(" rounds", step.model(), ROUNDS_BATCH);
    StateShape shape = new StateShape(rounds.training(), AveragingRule.PLAIN, cores(spark));
    return List.of(new RoundsCost(rounds, shape, PERIOD, bench.gigabits()));
  }

  /** Steps of nothing, each followed by the mean of gradients. */
  private static RoundsCost meetings(ModelSize size, int replicas, double gigabits) {
    ModelSpec network = size.pretraining(SMALL);
    StepsCost step =
        new StepsCost(
            RoundsCost.IDLE,
            Placement.ONE_THREAD,
            size.name().toLowerCase(Locale.ROOT),
            network,
            new TubeMasking(0.5),
            1,
            ROUNDS);
    Training training = new Training(network, new Optimizer.Sgd(), LearningRate.constant(0));
    AveragingRule rule =
        new AveragingRule(
            AveragingRule.Of.GRADIENTS,
            new OuterStep.Average(),
            AveragingRule.Moments.AVERAGED,
            AveragingRule.Wire.FP32);
    return new RoundsCost(step, new StateShape(training, rule, replicas), 1, gigabits);
  }

  /** Prints a figure in one line. */
  private static Map<String, Object> shown(Map<String, Object> figure) {
    StringBuilder line = new StringBuilder("bench:");
    figure.forEach(
        (key, value) ->
            line.append(
                value instanceof Double number
                    ? " %s=%.3f".formatted(key, number)
                    : " %s=%s".formatted(key, value)));
    System.out.println(line);
    return figure;
  }
}
