package io.tubelet.engine.dl4j.arithmetic;

/**
 * {@code exp(x)} for {@code x ≤ 0} by scaling and squaring: {@code exp(x) = p(x / 256)^256} with p
 * the Taylor polynomial of degree 8.
 *
 * <p>There is no table and no branch, so that the loop becomes vector code. The relative error is
 * below 1e-12 for {@code x ≥ −20} and 2e-6 at −80; below −80 the result stays {@code exp(−80) ≈
 * 2e-35}, which is zero to every sum it enters.
 */
final class Exponential {
  private static final double LOWEST = -80;

  private Exponential() {}

  /** Replaces the first {@code count} values by their exponentials. */
  static void apply(double[] values, int count) {
    for (int i = 0; i < count; i++) {
      double r = Math.max(values[i], LOWEST) * (1.0 / 256);
      double p = 1.0 / 40320 * r + 1.0 / 5040;
      p = p * r + 1.0 / 720;
      p = p * r + 1.0 / 120;
      p = p * r + 1.0 / 24;
      p = p * r + 1.0 / 6;
      p = p * r + 1.0 / 2;
      p = (p * r + 1) * r + 1;
      p *= p;
      p *= p;
      p *= p;
      p *= p;
      p *= p;
      p *= p;
      p *= p;
      p *= p;
      values[i] = p;
    }
  }
}
