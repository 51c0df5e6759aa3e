package io.tubelet.spark.train;

import io.tubelet.augment.Augmentation;
import io.tubelet.augment.Crop;
import io.tubelet.augment.Flip;
import io.tubelet.clip.ClipGeometry;
import io.tubelet.engine.Placement;
import io.tubelet.masking.TubeMasking;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.model.Task;
import io.tubelet.model.Transformer;
import io.tubelet.spark.data.ClipAccess;
import io.tubelet.spark.data.CubeStore;
import io.tubelet.spark.data.Labels;
import io.tubelet.spark.train.TrainingRun.Validation;
import io.tubelet.train.AveragingRule;
import io.tubelet.train.LearningRate;
import io.tubelet.train.Optimizer;
import io.tubelet.train.OuterStep;
import io.tubelet.train.SamplePlan;
import io.tubelet.train.StatePart;
import io.tubelet.train.StateShape;
import io.tubelet.train.TrainState;
import io.tubelet.train.Training;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import java.util.function.IntFunction;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * A small training for tests: a network for clips of {@code TinyStore}, 4 frames of 8 x 8 pixels.
 *
 * @param plan who trains on what
 * @param rounds the list of rounds
 * @param engine name of the engine
 * @param rule how replicas become one
 * @param rate learning rate
 * @param timeout seconds that a task waits for the others
 */
public record TinyRun(
    SamplePlan plan, Rounds rounds, String engine, AveragingRule rule, double rate, int timeout) {
  /** What the network takes. */
  public static final ClipGeometry GEOMETRY = new ClipGeometry(4, 8, 8, 2, 4);

  /** The network. */
  public static final ModelSpec MODEL =
      new ModelSpec(
          GEOMETRY,
          new Transformer(24, 1, 3, 4),
          new Task.Pretraining(new Transformer(12, 1, 3, 4), true));

  /** Nesterov's outer step, and moments of each replica's own. */
  public static final AveragingRule DILOCO = nesterov(AveragingRule.Moments.LOCAL);

  private static final RunLease.Terms TERMS = new RunLease.Terms(5, 30, 0);

  /** Two replicas, minibatches of two clips, rounds of two steps. */
  public static TinyRun of(int clips, int epochs, String engine) {
    SamplePlan plan = new SamplePlan(5, clips, 2, 2);
    return new TinyRun(plan, new Rounds(plan, epochs, 2), engine, AveragingRule.PLAIN, 1e-2, 60);
  }

  static AveragingRule nesterov(AveragingRule.Moments moments) {
    return new AveragingRule(
        AveragingRule.Of.PARAMETERS,
        new OuterStep.Nesterov(0.7, 0.9),
        moments,
        AveragingRule.Wire.FP32);
  }

  /** The same with another rule. */
  public TinyRun with(AveragingRule other) {
    return new TinyRun(plan, rounds, engine, other, rate, timeout);
  }

  /** The same at another rate. */
  public TinyRun at(double other) {
    return new TinyRun(plan, rounds, engine, rule, other, timeout);
  }

  /** The same with another timeout. */
  public TinyRun waiting(int seconds) {
    return new TinyRun(plan, rounds, engine, rule, rate, seconds);
  }

  /** The same with other replicas. */
  public TinyRun replicas(int count, int batch) {
    SamplePlan other = new SamplePlan(plan.seed(), plan.clips(), count, batch);
    return new TinyRun(
        other, new Rounds(other, rounds.epochs(), rounds.period()), engine, rule, rate, timeout);
  }

  /** Network, update rule and rates. */
  public Training training() {
    Optimizer adamw = new Optimizer.AdamW(0.9, 0.95, 1e-8, 0.05, 1);
    return new Training(MODEL, adamw, LearningRate.constant(rate));
  }

  /** The weights before the first step. */
  public IntFunction<float[]> first() {
    ParameterLayout layout = ParameterLayout.of(MODEL);
    return engine.equals(TallyEngine.NAME)
        ? Parameters.zero(layout)::get
        : Parameters.draw(layout, 1)::get;
  }

  /** Who trains. */
  public Master master() {
    return new RoundsMaster(
        new RoundsMaster.Settings(
            engine, Placement.ONE_THREAD, Duration.ofSeconds(timeout), false));
  }

  /** The minibatches; the store need only have a root and clips. */
  public MinibatchSource source(JavaSparkContext spark, CubeStore store) {
    return source(spark, store, plan);
  }

  static MinibatchSource source(JavaSparkContext spark, CubeStore store, SamplePlan plan) {
    ClipTransform presentation =
        new ClipTransform(
            GEOMETRY,
            new Augmentation(new Crop.MultiScale(), Flip.of(Flip.Axis.COLUMNS)),
            new TubeMasking(0.5),
            new Labels(List.of()),
            0,
            3);
    return new MinibatchSource(
        plan, ClipAccess.ofStore(spark, store, store.clips()), presentation, 0);
  }

  /** The training, with a checkpoint every {@code everyRounds}. */
  public TrainingRun run(int everyRounds, int graceSeconds) {
    return run(everyRounds, graceSeconds, Validation.NONE);
  }

  TrainingRun run(int everyRounds, int graceSeconds, Validation validation) {
    return new TrainingRun(
        "tiny",
        training(),
        rule,
        rounds,
        "settings",
        List.of(),
        new TrainingRun.Keeping(everyRounds, 2, graceSeconds),
        new Mlflow.Target("", "", List.of()),
        validation,
        Quarantine.NONE);
  }

  /** The state after all rounds: what is averaged of it. */
  public TrainState train(JavaSparkContext spark, CubeStore store) {
    try {
      RunFolder folder =
          new RunFolder(new Configuration(), new Path(Files.createTempDirectory("tiny").toUri()));
      train(spark, store, folder, run(2, 0));
      return last(folder);
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * The rounds from weights of zeros, each with a checkpoint.
   *
   * @param after done on the driver while the tasks wait for its answer after a round
   */
  Trained trained(JavaSparkContext spark, CubeStore store, IntConsumer after) {
    TrainState zeros = TrainState.start(Parameters.zero(ParameterLayout.of(MODEL)));
    return Trained.by(
        spark, master(), training(), rule, rounds, source(spark, store), zeros, 0, after);
  }

  /** Trains in a folder, from what is there. */
  TrainingLoop.End train(JavaSparkContext spark, CubeStore store, RunFolder folder, TrainingRun run)
      throws IOException, InterruptedException {
    try (RunLease lease = RunLease.acquire(folder, TERMS);
        Master master = master()) {
      MinibatchSource source = source(spark, store);
      return new TrainingLoop(run, folder, master, source, first(), lease).run(spark);
    }
  }

  /** The state of the last checkpoint. */
  TrainState last(RunFolder folder) {
    Path newest = folder.checkpoints("tiny").newest().orElseThrow();
    StateShape shape = new StateShape(training(), rule, plan.replicas());
    CheckpointFolder files = new CheckpointFolder(folder.hadoop(), newest);
    Map<StatePart, Parameters> read = files.read(shape.layout(), shape.averaged());
    return TrainState.of(files.state().progress().step(), read, StatePart.SHARED);
  }
}
