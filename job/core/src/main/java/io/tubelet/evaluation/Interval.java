package io.tubelet.evaluation;

import io.tubelet.clip.SampleSeed;
import java.io.Serializable;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * A 95 % interval.
 *
 * @param low its lower end
 * @param high its upper end
 */
public record Interval(double low, double high) implements Serializable {
  private static final int SAMPLES = 2000;

  /**
   * Of a share, by the bootstrap over trials (B. Efron, "Bootstrap methods", Annals of Statistics 7
   * (1979)): as many trials are drawn from those that were made, with replacement, 2000 times; the
   * interval is between the 2.5th and the 97.5th of a hundred such shares. The same for equal
   * counts.
   *
   * @param successes of the trials
   * @return 0 to 1 without trials
   */
  public static Interval bootstrap(int successes, int trials) {
    if (trials == 0) {
      return new Interval(0, 1);
    }
    RandomGenerator random = SampleSeed.of(0, 0, "bootstrap");
    double[] shares = new double[SAMPLES];
    for (int i = 0; i < SAMPLES; i++) {
      int hits = 0;
      for (int trial = 0; trial < trials; trial++) {
        hits += random.nextInt(trials) < successes ? 1 : 0;
      }
      shares[i] = (double) hits / trials;
    }
    Arrays.sort(shares);
    return new Interval(shares[SAMPLES / 40], shares[SAMPLES - 1 - SAMPLES / 40]);
  }
}
