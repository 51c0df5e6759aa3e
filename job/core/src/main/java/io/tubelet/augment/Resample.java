package io.tubelet.augment;

/**
 * Weights of an antialiased bilinear resize along one axis: a triangle filter as wide as the larger
 * of the two pixel sizes (the rule of PIL's {@code BILINEAR}, which the published crop uses).
 *
 * <p>Output pixel {@code i} is {@code Σ_k weight[i · support + k] · input[first[i] + k]}; weights
 * are fixed-point with {@link #BITS} fractional bits and sum to one.
 */
final class Resample {
  static final int BITS = 22 - 8;

  final int[] first;
  final int[] weights;
  final int support;

  /** From {@code size} pixels starting at {@code offset} to {@code out} pixels. */
  Resample(int offset, int size, int out) {
    double scale = (double) size / out;
    double radius = Math.max(scale, 1);
    support = Math.min(size, 2 * (int) Math.ceil(radius) + 1);
    first = new int[out];
    weights = new int[out * support];
    double[] raw = new double[support];
    for (int i = 0; i < out; i++) {
      double centre = (i + 0.5) * scale;
      int from = Math.max(0, Math.min((int) (centre - radius + 0.5), size - support));
      double sum = 0;
      for (int k = 0; k < support; k++) {
        raw[k] = Math.max(0, 1 - Math.abs(from + k + 0.5 - centre) / radius);
        sum += raw[k];
      }
      first[i] = offset + from;
      fix(raw, sum, i * support);
    }
  }

  /** Rounds to fixed point; the largest weight takes the rounding error, so the sum is exact. */
  private void fix(double[] raw, double sum, int at) {
    int left = 1 << BITS;
    int largest = 0;
    for (int k = 0; k < support; k++) {
      weights[at + k] = (int) Math.round(raw[k] / sum * (1 << BITS));
      left -= weights[at + k];
      largest = raw[k] > raw[largest] ? k : largest;
    }
    weights[at + largest] += left;
  }
}
