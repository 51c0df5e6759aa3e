package io.tubelet.report;

/**
 * The 95 % interval of a share that was measured on few trials: {@code (p + z²/2n ± z·√(p(1-p)/n +
 * z²/4n²)) / (1 + z²/n)}, E. B. Wilson, "Probable inference, the law of succession, and statistical
 * inference", JASA 22 (1927). Unlike the normal one it stays in [0, 1] and has a width at 0 of n.
 *
 * @param low in [0, 1]
 * @param high in [0, 1]
 */
public record WilsonInterval(double low, double high) {
  /** The 97.5 % point of the normal distribution. */
  private static final double Z = 1.959963984540054;

  /**
   * The interval of {@code successes} of {@code trials}; all of [0, 1] without trials.
   *
   * @throws IllegalArgumentException if not {@code 0 <= successes <= trials}
   */
  public static WilsonInterval of(long successes, long trials) {
    if (successes < 0 || successes > trials) {
      throw new IllegalArgumentException(successes + " successes of " + trials + " trials");
    }
    if (trials == 0) {
      return new WilsonInterval(0, 1);
    }
    double n = trials;
    double p = successes / n;
    double centre = p + Z * Z / (2 * n);
    double reach = Z * Math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n));
    double scale = 1 + Z * Z / n;
    return new WilsonInterval(
        Math.max(0, (centre - reach) / scale), Math.min(1, (centre + reach) / scale));
  }
}
