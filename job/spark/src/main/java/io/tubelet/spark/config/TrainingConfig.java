package io.tubelet.spark.config;

import io.tubelet.augment.Augmentation;
import io.tubelet.engine.Placement.MicroBatches;
import io.tubelet.spark.config.Binder.Else;
import io.tubelet.spark.config.Binder.In;
import io.tubelet.spark.config.Binder.Key;
import io.tubelet.train.AveragingRule;
import io.tubelet.train.DropPath;
import io.tubelet.train.LearningRate;
import io.tubelet.train.Optimizer;
import io.tubelet.train.OuterStep;
import io.tubelet.train.SamplePlan;
import java.io.Serializable;
import java.util.List;
import java.util.Locale;

/** One training: pretraining, or the supervised part of fine-tuning, which has more keys. */
public record TrainingConfig(
    @In("[1, 100000]") int epochs,
    @In("[1, 65536]") int batch,
    @In("[1, 65536]") int replicas,
    @Key("") Schedule schedule,
    @Key("optimizer") AdamW adamW,
    @In("(0, 1]") @Else("1") double layerDecay,
    @Key("averaging") Combining combining,
    @Key("") AugmentationConfig varied,
    @In("[0, 1)") @Else("0") double dropPath,
    @In("[0, 1)") @Else("0") double headDropout,
    @Key("") Selection selection)
    implements Serializable {

  /** Learning rates per 256 clips of a step. */
  public record Schedule(
      @Key("learning-rate") @In("(0, 10]") double base,
      @In("[0, 10]") double floor,
      @In("[0, 100000]") int warmupEpochs)
      implements Serializable {
    /** The rate of each step, scaled to the plan's total batch, over all epochs. */
    public LearningRate over(SamplePlan plan, int epochs) {
      return new LearningRate(
          LearningRate.scaled(base, plan.totalBatch()),
          LearningRate.scaled(floor, plan.totalBatch()),
          (long) warmupEpochs * plan.stepsPerEpoch(),
          (long) epochs * plan.stepsPerEpoch());
    }
  }

  /** The update rule. */
  public record AdamW(
      @In("[0, 1)") List<Double> betas,
      @In("[0, 1]") double weightDecay,
      @In("[0, 1000000]") double clipNorm)
      implements Serializable {
    /** Added to the root of the second mean; published. */
    private static final double EPSILON = 1e-8;

    /** There are two means. */
    public AdamW {
      if (betas.size() != 2) {
        throw new IllegalArgumentException("betas are two numbers, not %s".formatted(betas));
      }
    }
  }

  /** What becomes of the mean of the replicas' weights. */
  enum OuterKind {
    AVERAGE,
    EMA,
    NESTEROV
  }

  /** A round. */
  public record Combining(
      @In("[1, 100000]") int period, @Else("averaged") AveragingRule.Moments moments, Outer outer)
      implements Serializable {
    /** How replicas become one. */
    public AveragingRule rule() {
      return new AveragingRule(outer.step(), moments);
    }
  }

  /** The step after each average. */
  record Outer(
      OuterKind kind,
      @In("(0, 10]") @Else("0.7") double learningRate,
      @In("[0, 1)") double momentum)
      implements Serializable {
    private OuterStep step() {
      return switch (kind) {
        case AVERAGE -> new OuterStep.Average();
        case EMA -> new OuterStep.Ema(momentum);
        case NESTEROV -> new OuterStep.Nesterov(learningRate, momentum);
      };
    }
  }

  /** Which videos are used. */
  public record Selection(
      @Key("labels-per-class") @In("[0, 1000000]") @Else("0") int perClass,
      @Key("subset") @In("(0, 1]") @Else("1") double share,
      @Key("validation") @In("[0, 1)") @Else("0") double heldOut)
      implements Serializable {}

  /** Steps of a replica between two averages: the length of a round. */
  public int period() {
    return combining.period;
  }

  /** The update rule. */
  public Optimizer optimizer() {
    return new Optimizer.AdamW(
        adamW.betas.get(0),
        adamW.betas.get(1),
        AdamW.EPSILON,
        adamW.weightDecay,
        layerDecay,
        adamW.clipNorm);
  }

  /** Drop path and dropout. */
  public DropPath dropping() {
    return new DropPath(dropPath, headDropout);
  }

  /** What varies a clip from epoch to epoch. */
  public Augmentation augmentation() {
    return varied.augmentation();
  }

  /**
   * The clips of a step and its learning rate, in words.
   *
   * @param passes how a device cuts its minibatch
   */
  public String step(MicroBatches passes) {
    int total = Math.multiplyExact(replicas, batch);
    String cut = passes.microBatch() == 0 ? "" : " in passes of " + passes.microBatch();
    return String.format(
        Locale.ROOT,
        "%d x %d clips a step%s, highest learning rate %.3g (%.3g x %d / 256)",
        replicas,
        batch,
        cut,
        LearningRate.scaled(schedule.base, total),
        schedule.base,
        total);
  }
}
