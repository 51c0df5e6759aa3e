package io.tubelet.spark.config;

import io.tubelet.augment.Augmentation;
import io.tubelet.engine.Placement.MicroBatches;
import io.tubelet.training.AveragingRule;
import io.tubelet.training.DropPath;
import io.tubelet.training.LearningRate;
import io.tubelet.training.Optimizer;
import io.tubelet.training.OuterStep;
import io.tubelet.training.SamplePlan;
import java.io.Serializable;
import java.util.List;
import java.util.Locale;

/**
 * One training: pretraining, or the supervised part of fine-tuning.
 *
 * @param epochs passes over all clips
 * @param batch clips of a minibatch of one replica; the augmentation may make more samples of them
 * @param replicas models that train side by side
 * @param schedule learning rates
 * @param optimizer the update rule
 * @param augmentation what varies a clip from epoch to epoch
 * @param dropping what a step leaves out at random
 * @param selection which videos are used
 * @param checkpoints how much is kept
 * @param combining what a round is and how it ends
 */
public record TrainingConfig(
    int epochs,
    int batch,
    int replicas,
    Schedule schedule,
    Optimizer optimizer,
    Augmentation augmentation,
    DropPath dropping,
    Selection selection,
    Checkpoints checkpoints,
    Combining combining)
    implements Serializable {

  static final String CLIP = "[0, 1000000]";

  /**
   * Learning rates per 256 clips of a step.
   *
   * @param base highest rate
   * @param floor last rate
   * @param warmupEpochs epochs of linear warm-up from 0
   */
  public record Schedule(double base, double floor, int warmupEpochs) implements Serializable {
    /** The rate of each step, scaled to the plan's total batch, over so many epochs. */
    public LearningRate over(SamplePlan plan, int epochs) {
      return new LearningRate(
          LearningRate.scaled(base, plan.totalBatch()),
          LearningRate.scaled(floor, plan.totalBatch()),
          (long) warmupEpochs * plan.stepsPerEpoch(),
          (long) epochs * plan.stepsPerEpoch());
    }
  }

  /**
   * How much is kept.
   *
   * @param everyRounds rounds between two checkpoints
   * @param keep checkpoints that stay, the newest
   * @param graceSeconds how long the running round may take when the process is asked to stop
   */
  public record Checkpoints(int everyRounds, int keep, int graceSeconds) implements Serializable {}

  /**
   * A round.
   *
   * @param period steps of a replica between two averages: the length of a round
   * @param rule how replicas become one
   * @param nonFinite what to do about losses and gradients that are no finite numbers
   */
  public record Combining(int period, AveragingRule rule, NonFinite nonFinite)
      implements Serializable {}

  /**
   * What to do about losses and gradients that are no finite numbers.
   *
   * @param mostSteps most steps in a row that are skipped
   * @param rateFactor factor of the rates after going back to a checkpoint
   * @param rollbacks how often to go back before it is an error
   */
  public record NonFinite(int mostSteps, double rateFactor, int rollbacks)
      implements Serializable {}

  private enum Outer {
    AVERAGE,
    EMA,
    HEAVY_BALL,
    NESTEROV
  }

  /**
   * Which videos are used.
   *
   * @param perClass most of a class; 0: all
   * @param share of all, above 0 and at most 1
   * @param heldOut share of each class that is not trained on
   */
  public record Selection(int perClass, double share, double heldOut) implements Serializable {}

  private enum Rule {
    ADAMW,
    SGD
  }

  /**
   * What a step is, its rate, and how fewer devices take the same one, in words.
   *
   * @param passes how a device cuts its minibatch
   */
  public String step(MicroBatches passes) {
    int total = Math.multiplyExact(replicas, batch);
    String cut = passes.microBatch() == 0 ? "" : " in passes of " + passes.microBatch();
    String said =
        String.format(
            Locale.ROOT,
            "%d x %d clips a step%s, highest learning rate %.3g (%.3g x %d / 256)",
            replicas,
            batch,
            cut,
            LearningRate.scaled(schedule.base, total),
            schedule.base,
            total);
    return replicas == 1
        ? said
        : said
            + "; on one device the same step is replicas = 1, batch = %d, engine.micro-batch = %d"
                .formatted(total, batch);
  }

  /** Steps of a replica between two averages: the length of a round. */
  public int period() {
    return combining.period;
  }

  /**
   * @param layerDecay factor of the learning rate per layer from the top
   */
  static TrainingConfig read(
      Section training,
      double layerDecay,
      Augmentation augmentation,
      DropPath dropping,
      Selection selection) {
    int epochs = training.integer("epochs", "[1, 100000]");
    return new TrainingConfig(
        epochs,
        training.integer("batch", "[1, 65536]"),
        training.integer("replicas", "[1, 65536]"),
        schedule(training, epochs),
        optimizer(training.section("optimizer"), layerDecay),
        augmentation,
        dropping,
        selection,
        new Checkpoints(
            training.integer("checkpoint.every-rounds", "[1, 1000000]"),
            training.integer("checkpoint.keep", "[1, 10000]"),
            training.integer("checkpoint.grace-seconds", "[0, 86400]")),
        new Combining(
            training.integer("averaging.period", "[1, 100000]"),
            rule(training.section("averaging")),
            nonFinite(training)));
  }

  private static AveragingRule rule(Section averaging) {
    Outer kind = averaging.choice("outer.kind", Outer.class);
    double rate = averaging.number("outer.learning-rate", "(0, 10]");
    double momentum = averaging.number("outer.momentum", "[0, 1)");
    OuterStep outer =
        switch (kind) {
          case AVERAGE -> new OuterStep.Average();
          case EMA -> new OuterStep.Ema(momentum);
          case HEAVY_BALL -> new OuterStep.HeavyBall(rate, momentum);
          case NESTEROV -> new OuterStep.Nesterov(rate, momentum);
        };
    return new AveragingRule(outer, averaging.choice("moments", AveragingRule.Moments.class));
  }

  private static NonFinite nonFinite(Section training) {
    return new NonFinite(
        training.integer("non-finite.most-steps", "[0, 1000000]"),
        training.number("non-finite.rate-factor", "(0, 1]"),
        training.integer("non-finite.rollbacks", "[0, 100]"));
  }

  private static Schedule schedule(Section training, int epochs) {
    double base = training.number("learning-rate", "(0, 10]");
    double floor = training.number("floor", "[0, 10]");
    int warmup = training.integer("warmup-epochs", "[0, 100000]");
    training.require(
        floor <= base,
        "floor %s exceeds learning-rate %s".formatted(floor, base),
        "floor",
        "learning-rate");
    training.require(
        warmup <= epochs,
        "warmup-epochs %d exceed epochs %d".formatted(warmup, epochs),
        "warmup-epochs",
        "epochs");
    return new Schedule(base, floor, warmup);
  }

  private static Optimizer optimizer(Section optimizer, double layerDecay) {
    Rule rule = optimizer.choice("kind", Rule.class);
    List<Double> betas = optimizer.pair("betas", "[0, 1)");
    double epsilon = optimizer.number("epsilon", "(0, 1]");
    double weightDecay = optimizer.number("weight-decay", "[0, 1]");
    double clipNorm = optimizer.number("clip-norm", CLIP);
    return switch (rule) {
      case ADAMW ->
          new Optimizer.AdamW(
              betas.get(0), betas.get(1), epsilon, weightDecay, layerDecay, clipNorm);
      case SGD -> new Optimizer.Sgd();
    };
  }
}
