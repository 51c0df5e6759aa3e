package io.tubelet.spark.train;

import io.tubelet.augment.Augmentation;
import io.tubelet.augment.Crop;
import io.tubelet.augment.Flip;
import io.tubelet.clip.ClipGeometry;
import io.tubelet.engine.Placement;
import io.tubelet.masking.TubeMasking;
import io.tubelet.model.ModelSize;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.spark.data.CubeStore;
import io.tubelet.spark.data.Labels;
import io.tubelet.spark.data.StoreAccess;
import io.tubelet.train.AveragingRule;
import io.tubelet.train.LearningRate;
import io.tubelet.train.Optimizer;
import io.tubelet.train.SamplePlan;
import io.tubelet.train.TrainState;
import io.tubelet.train.Training;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * A small training for tests: a network for clips of {@code TinyStore}, 4 frames of 8 x 8 pixels.
 *
 * @param plan who trains on what
 * @param rounds the list of rounds
 * @param engine name of the engine
 * @param rule how replicas become one
 * @param rate learning rate
 */
public record TinyRun(
    SamplePlan plan, Rounds rounds, String engine, AveragingRule rule, double rate) {
  /** What the network takes. */
  public static final ClipGeometry GEOMETRY = new ClipGeometry(4, 8, 8, 2, 4);

  /** The network. */
  public static final ModelSpec MODEL = ModelSize.TINY.pretraining(GEOMETRY);

  /** Two replicas, minibatches of two clips, rounds of two steps. */
  public static TinyRun of(int clips, int epochs, String engine) {
    SamplePlan plan = new SamplePlan(5, clips, 2, 2);
    return new TinyRun(plan, new Rounds(plan, epochs, 2), engine, AveragingRule.PLAIN, 1e-2);
  }

  /** The same with another rule. */
  public TinyRun with(AveragingRule other) {
    return new TinyRun(plan, rounds, engine, other, rate);
  }

  /** The same at another rate. */
  public TinyRun at(double other) {
    return new TinyRun(plan, rounds, engine, rule, other);
  }

  /** The same with another number of replicas. */
  public TinyRun replicas(int count) {
    SamplePlan other = new SamplePlan(plan.seed(), plan.clips(), count, plan.batch());
    return new TinyRun(
        other, new Rounds(other, rounds.epochs(), rounds.period()), engine, rule, rate);
  }

  /** Network, update rule and rates. */
  public Training training() {
    Optimizer adamw = new Optimizer.AdamW(0.9, 0.95, 1e-8, 0.05, 1);
    return new Training(MODEL, adamw, LearningRate.constant(rate));
  }

  /** The state before the first step. */
  public TrainState first() {
    ParameterLayout layout = ParameterLayout.of(MODEL);
    return TrainState.start(
        engine.equals(TallyProvider.NAME) ? Parameters.zero(layout) : Parameters.draw(layout, 1));
  }

  /** A trainer without a state; the store need only have a root and clips. */
  public Trainer trainer(JavaSparkContext spark, CubeStore store) {
    ClipTransform presentation =
        new ClipTransform(
            GEOMETRY,
            new Augmentation(new Crop.MultiScale(), Flip.of(Flip.Axis.COLUMNS)),
            new TubeMasking(0.5),
            new Labels(List.of()),
            0,
            3);
    MinibatchSource source =
        new MinibatchSource(plan, StoreAccess.share(spark, store, store.clips()), presentation, 0);
    Master master = new Master.Rounds(engine, Placement.ONE_THREAD, rule);
    return new Trainer(spark, training(), source, rounds.period(), master);
  }

  /** The state after all rounds. */
  public TrainState train(JavaSparkContext spark, CubeStore store) {
    try (Trainer trainer = trainer(spark, store)) {
      trainer.load(first());
      for (long index = 0; index < rounds.count(); index++) {
        trainer.fit(rounds.at(index));
      }
      return trainer.state();
    }
  }
}
