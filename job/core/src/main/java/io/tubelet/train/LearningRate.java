package io.tubelet.train;

import java.io.Serializable;

/**
 * Learning rate per step: linear warm-up from 0 to the peak, both ends included, then half a cosine
 * down to the floor (arXiv 1608.03983; both as the published code counts steps).
 *
 * <pre>
 * step &lt; warmup:  peak · step / (warmup − 1)
 * else:           floor + (peak − floor) · (1 + cos(π·i/n)) / 2    i = step − warmup, n = total − warmup
 * </pre>
 *
 * @param peak highest rate, already scaled by total batch / 256, as is {@code floor}, the last one
 * @param warmupSteps at most all of them
 * @param totalSteps of the whole run; later steps keep the floor
 */
public record LearningRate(double peak, double floor, long warmupSteps, long totalSteps)
    implements Serializable {

  public static LearningRate constant(double rate) {
    return new LearningRate(rate, rate, 0, 0);
  }

  /** {@code base} rate per 256 clips, scaled to {@code totalBatch} clips a step. */
  public static double scaled(double base, long totalBatch) {
    return base * totalBatch / 256;
  }

  /** The same schedule, every rate {@code factor} times as high. */
  public LearningRate times(double factor) {
    return new LearningRate(peak * factor, floor * factor, warmupSteps, totalSteps);
  }

  public double at(long step) {
    if (step < warmupSteps) {
      return warmupSteps == 1 ? peak : peak * step / (warmupSteps - 1);
    }
    if (step >= totalSteps) {
      return floor;
    }
    double progress = (double) (step - warmupSteps) / (totalSteps - warmupSteps);
    return floor + 0.5 * (peak - floor) * (1 + Math.cos(Math.PI * progress));
  }
}
