package io.tubelet.train;

import java.util.Arrays;

/**
 * The mean of replicas' values, weighted by the samples each has seen: {@code Σ nᵣ·xᵣ / Σ nᵣ}.
 *
 * <p>Sums are in double and taken in the order of {@link #add}, which the caller fixes as the order
 * of replicas: the bits do not depend on who finished first. One replica alone comes out unchanged.
 */
public final class WeightedMean {
  private double[] sum;
  private long weight;

  /** Adds one replica's values; fails if another had another number, or the weight is negative. */
  public void add(float[] values, long samples) {
    if (sum == null) {
      sum = new double[values.length];
      Arrays.fill(sum, -0.0); // 0 plus −0 would be 0
    }
    if (values.length != sum.length || samples < 0) {
      throw new IllegalArgumentException(
          "%d values with weight %d do not join %d values"
              .formatted(values.length, samples, sum.length));
    }
    for (int i = 0; i < values.length && samples > 0; i++) {
      sum[i] += (double) samples * values[i];
    }
    weight += samples;
  }

  /** The mean; fails if nothing with a weight was added. */
  public float[] mean() {
    if (weight == 0) {
      throw new IllegalStateException("the mean of no samples");
    }
    float[] mean = new float[sum.length];
    for (int i = 0; i < mean.length; i++) {
      mean[i] = (float) (sum[i] / weight);
    }
    return mean;
  }
}
