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
import java.util.ArrayList;
import java.util.List;

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
    @Key("") Selection selection) {
  /** DiLoCo's outer step, gradient norm and fewest steps (arXiv 2311.08105, 2407.07852). */
  private static final OuterStep.Nesterov DILOCO = new OuterStep.Nesterov(0.7, 0.9);

  private static final double DILOCO_CLIP = 1;
  private static final int SHORTEST_DILOCO = 50;

  /** Fails if the rate does not rise and fall in these epochs, or replicas cannot differ. */
  public TrainingConfig {
    if (schedule.warmupEpochs > epochs) {
      throw new IllegalArgumentException(
          "warmup-epochs %d exceed epochs %d".formatted(schedule.warmupEpochs, epochs));
    }
    if (schedule.floor > schedule.base) {
      throw new IllegalArgumentException(
          "floor %s exceeds learning-rate %s".formatted(schedule.floor, schedule.base));
    }
    if (combining.of == AveragingRule.Of.GRADIENTS
        && (combining.outer == OuterKind.NESTEROV || schedule.per == RatePer.REPLICA)) {
      throw new IllegalArgumentException(
          "averaging.of = gradients makes equal replicas: no outer.kind = nesterov or"
              + " learning-rate-per = replica");
    }
    if (combining.of == AveragingRule.Of.PARAMETERS && combining.wire == AveragingRule.Wire.BF16) {
      throw new IllegalArgumentException(
          "averaging.wire = bf16 would round weights: it is for averaging.of = gradients");
    }
  }

  /** Learning rates per 256 clips of a step. */
  public record Schedule(
      @Key("learning-rate") @In("(0, 10]") double base,
      @Key("learning-rate-per") @Else("step") RatePer per,
      @In("[0, 10]") double floor,
      @In("[0, 100000]") int warmupEpochs) {}

  /** Whose clips the learning rate grows with; a replica's, as for local SGD (arXiv 2407.07852). */
  enum RatePer {
    AUTO,
    STEP,
    REPLICA
  }

  public record AdamW(
      @In("[0, 1)") List<Double> betas,
      @In("[0, 1]") double weightDecay,
      @In("[-1, 1000000]") double clipNorm) {
    /** Added to the root of the second mean; published. */
    private static final double EPSILON = 1e-8;

    public AdamW {
      if (betas.size() != 2) {
        throw new IllegalArgumentException("betas are two numbers, not %s".formatted(betas));
      }
    }
  }

  enum OuterKind {
    AVERAGE,
    NESTEROV
  }

  /** How replicas become one; {@code ema} is the share of a moving average that stays at a step. */
  public record Combining(
      AveragingRule.Of of,
      @In("[1, 100000]") int period,
      @Key("outer.kind") @Else("average") OuterKind outer,
      @In("[0, 1)") @Else("0") double ema,
      @Else("fp32") AveragingRule.Wire wire) {
    /** The rule; with Nesterov's outer step each replica keeps its moments, as published. */
    public AveragingRule rule() {
      if (outer == OuterKind.NESTEROV) {
        return new AveragingRule(of, DILOCO, AveragingRule.Moments.LOCAL, wire);
      }
      return new AveragingRule(
          of,
          ema > 0 ? new OuterStep.Ema(ema) : new OuterStep.Average(),
          AveragingRule.Moments.AVERAGED,
          wire);
    }
  }

  public record Selection(
      @Key("labels-per-class") @In("[0, 1000000]") @Else("0") int perClass,
      @Key("subset") @In("(0, 1]") @Else("1") double share,
      @Key("validation") @In("[0, 1)") @Else("0") double heldOut) {}

  /** Steps of a replica between two averages: the length of a round. */
  public int period() {
    return combining.period;
  }

  public Optimizer optimizer() {
    return new Optimizer.AdamW(
        adamW.betas.get(0),
        adamW.betas.get(1),
        AdamW.EPSILON,
        adamW.weightDecay,
        layerDecay,
        adamW.clipNorm >= 0 ? adamW.clipNorm : nesterov() ? DILOCO_CLIP : 0);
  }

  public DropPath dropping() {
    return new DropPath(dropPath, headDropout);
  }

  public Augmentation augmentation() {
    return varied.augmentation();
  }

  boolean averagesAsDl4j() {
    return combining.of == AveragingRule.Of.PARAMETERS && !nesterov() && combining.ema == 0;
  }

  boolean nesterov() {
    return combining.outer == OuterKind.NESTEROV;
  }

  /** Clips that the learning rate is scaled by. */
  private long scale() {
    boolean each = schedule.per == RatePer.REPLICA || (schedule.per == RatePer.AUTO && nesterov());
    return Math.multiplyExact((long) batch, each ? 1 : replicas);
  }

  /** The rate of each step of all epochs. */
  public LearningRate rates(SamplePlan plan) {
    return new LearningRate(
        LearningRate.scaled(schedule.base, scale()),
        LearningRate.scaled(schedule.floor, scale()),
        (long) schedule.warmupEpochs * plan.stepsPerEpoch(),
        (long) epochs * plan.stepsPerEpoch());
  }

  /** The clips of a step, its learning rate and what a round does, in words. */
  public List<String> describe(MicroBatches microBatches) {
    List<String> lines = new ArrayList<>();
    String cut =
        microBatches.microBatch() == 0 ? "" : " in micro-batches of " + microBatches.microBatch();
    lines.add(
        "%d x %d clips a step%s, highest learning rate %.3g (%.3g x %d / 256)"
            .formatted(
                replicas,
                batch,
                cut,
                LearningRate.scaled(schedule.base, scale()),
                schedule.base,
                scale()));
    if (nesterov()) {
      boolean early = combining.period < SHORTEST_DILOCO;
      lines.add(
          "a round moves up to %.1f times what the replicas moved%s"
              .formatted(
                  DILOCO.rate() / (1 - DILOCO.momentum()),
                  early
                      ? "; WARNING: rounds of %d steps are short for an outer momentum of %s, 50 to 500 are published"
                          .formatted(combining.period, DILOCO.momentum())
                      : ""));
    }
    return lines;
  }
}
