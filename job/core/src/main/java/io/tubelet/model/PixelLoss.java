package io.tubelet.model;

/** What a predicted value that is {@code e} off costs (arXiv 2203.12602, table 1f). */
public enum PixelLoss {
  /** {@code e²}. */
  MSE,
  /** {@code |e|}. */
  L1,
  /** {@code e²/2} up to 1, {@code |e| − 1/2} beyond. */
  SMOOTH_L1;

  /** The cost. */
  public double of(double e) {
    return switch (this) {
      case MSE -> e * e;
      case L1 -> Math.abs(e);
      case SMOOTH_L1 -> slope(e) * (e - slope(e) / 2);
    };
  }

  /** Its derivative; 0 at 0. */
  public double slope(double e) {
    return switch (this) {
      case MSE -> 2 * e;
      case L1 -> Math.signum(e);
      case SMOOTH_L1 -> Math.max(-1, Math.min(1, e));
    };
  }
}
