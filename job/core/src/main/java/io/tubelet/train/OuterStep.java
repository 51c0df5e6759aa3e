package io.tubelet.train;

import java.io.Serializable;

/**
 * What becomes of the replicas' mean at the end of a round: an optimiser step over rounds, whose
 * gradient is how far the mean has come (DiLoCo, arXiv 2311.08105, algorithm 1).
 *
 * <pre>
 * Δ = before − mean        v ← momentum·v + Δ
 * w ← before − rate·(Δ + momentum·v)
 * </pre>
 *
 * The step is computed as {@code mean − (rate·direction − Δ)}, so that a rate of 1 without momentum
 * leaves the mean as it is, bit by bit.
 */
public sealed interface OuterStep extends Serializable {

  /** Whether it keeps a momentum between rounds: a value for each weight, at first 0. */
  default boolean hasMomentum() {
    return true;
  }

  /**
   * Takes the step of a round in place. The momentum's values belong to the first weights of the
   * other arrays, which may hold more than weights.
   *
   * @param mean of the replicas' weights; becomes the weights after the round
   * @param momentum v; empty where there is none
   */
  void apply(float[] before, float[] mean, float[] momentum, int steps);

  record Average() implements OuterStep {
    @Override
    public boolean hasMomentum() {
      return false;
    }

    @Override
    public void apply(float[] before, float[] mean, float[] momentum, int steps) {}
  }

  /**
   * The mean as it is; a moving average of the weights is kept as well, moved at the end of a round
   * by as much as its steps have, which training does not look at (B. Polyak and A. Juditsky,
   * "Acceleration of stochastic approximation by averaging", SIAM J. Control and Optimization 30
   * (1992)). It starts at 0: see {@link #average}.
   *
   * @param decay share of it that stays from one step to the next; timm has 0.9999
   */
  record Ema(double decay) implements OuterStep {
    @Override
    public void apply(float[] before, float[] mean, float[] kept, int steps) {
      double stays = Math.pow(decay, steps);
      for (int i = 0; i < kept.length; i++) {
        kept[i] = (float) (stays * kept[i] + (1 - stays) * mean[i]);
      }
    }

    /** The average of the weights of this many steps: {@code kept / (1 − decayⁿ)}, in place. */
    public void average(float[] kept, long steps) {
      double share = 1 - Math.pow(decay, (double) steps);
      for (int i = 0; i < kept.length; i++) {
        kept[i] = (float) (kept[i] / share);
      }
    }
  }

  /** Nesterov's, which arXiv 2311.08105 found best, with rate 0.7 and momentum 0.9. */
  record Nesterov(double rate, double momentum) implements OuterStep {
    @Override
    public void apply(float[] before, float[] mean, float[] kept, int steps) {
      for (int i = 0; i < kept.length; i++) {
        double delta = (double) before[i] - mean[i];
        double v = momentum * kept[i] + delta;
        kept[i] = (float) v;
        mean[i] = (float) (mean[i] - (rate * (delta + momentum * v) - delta));
      }
    }
  }
}
