package io.tubelet.augment;

import java.util.random.RandomGenerator;

/** Draws from Beta(α, α) as the share of one of two gamma variates. */
final class Beta {
  private Beta() {}

  static double symmetric(double alpha, RandomGenerator random) {
    double own = gamma(alpha, random);
    double other = gamma(alpha, random);
    // both underflow only for a tiny α, whose distribution is nearly a coin's
    return own + other > 0 ? own / (own + other) : random.nextInt(2);
  }

  /** Marsaglia and Tsang (2000), raised by one and shrunk back for α below 1. */
  private static double gamma(double alpha, RandomGenerator random) {
    double shrink = alpha < 1 ? StrictMath.pow(1 - random.nextDouble(), 1 / alpha) : 1;
    double d = (alpha < 1 ? alpha + 1 : alpha) - 1.0 / 3;
    double c = 1 / Math.sqrt(9 * d);
    while (true) {
      double x = random.nextGaussian();
      double v = StrictMath.pow(1 + c * x, 3);
      double u = 1 - random.nextDouble();
      if (v > 0 && StrictMath.log(u) < 0.5 * x * x + d - d * v + d * StrictMath.log(v)) {
        return shrink * d * v;
      }
    }
  }
}
