package io.tubelet.evaluate;

import io.tubelet.clip.SampleSeed;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * How many videos were correctly classified.
 *
 * @param videos that were evaluated: the denominator
 * @param topK videos whose true class is among the {@code k} most probable
 * @param confusion {@code [true class][predicted class]} counts of videos
 * @param interval of {@link #top1Share}, by the bootstrap over videos
 * @param mistakes a video each of the commonest pairs of true and predicted class
 * @param right for each video, in the order of their names, 1 if it is one of {@code top1}, or 0
 */
public record Accuracy(
    int videos,
    int top1,
    int topK,
    int k,
    int[][] confusion,
    Interval interval,
    List<Mistake> mistakes,
    String right)
    implements Serializable {

  public record Mistake(String video, int truth, int prediction) implements Serializable {}

  /** Copies the list; a file of an older run lacks the last three. */
  public Accuracy {
    interval = interval == null ? Interval.bootstrap(top1, videos) : interval;
    mistakes = mistakes == null ? List.of() : List.copyOf(mistakes);
    right = right == null ? "" : right;
  }

  /**
   * Of models of which each was evaluated on other videos, as if one had been on all: the folds of
   * a cross-validation.
   *
   * @param folds at least one, all of the same classes
   */
  public static Accuracy pooled(List<Accuracy> folds) {
    Accuracy first = folds.get(0);
    int classes = first.confusion.length;
    int[][] confusion = new int[classes][classes];
    for (Accuracy fold : folds) {
      for (int i = 0; i < classes * classes; i++) {
        confusion[i / classes][i % classes] += fold.confusion[i / classes][i % classes];
      }
    }
    return new Accuracy(
        folds.stream().mapToInt(Accuracy::videos).sum(),
        folds.stream().mapToInt(Accuracy::top1).sum(),
        folds.stream().mapToInt(Accuracy::topK).sum(),
        first.k,
        confusion,
        null,
        folds.stream().flatMap(fold -> fold.mistakes.stream()).toList(),
        folds.stream().map(Accuracy::right).collect(Collectors.joining()));
  }

  /** Share of videos in [0, 1]; 0 for no videos. */
  public double top1Share() {
    return videos == 0 ? 0 : (double) top1 / videos;
  }

  public double topKShare() {
    return videos == 0 ? 0 : (double) topK / videos;
  }

  /**
   * The two-sided p of McNemar's exact test (Q. McNemar, Psychometrika 12 (1947)): how often a fair
   * coin parts as unevenly the videos that one of two models alone classifies correctly.
   *
   * @return NaN if the two were not evaluated on as many videos, or by an older version
   */
  public double mcNemar(Accuracy other) {
    if (right.isEmpty() || right.length() != other.right.length()) {
      return Double.NaN;
    }
    int[] alone = new int[2];
    for (int i = 0; i < right.length(); i++) {
      if (right.charAt(i) != other.right.charAt(i)) {
        alone[right.charAt(i) - '0']++;
      }
    }
    int flips = alone[0] + alone[1];
    double p = 0;
    double term = -flips * Math.log(2); // ln of the share of k heads: a power may underflow
    for (int k = 0; k <= Math.min(alone[0], alone[1]); k++) {
      p += Math.exp(term);
      term += Math.log((flips - k) / (k + 1.0));
    }
    return Math.min(1, 2 * p);
  }

  /** A 95 % interval. */
  public record Interval(double low, double high) implements Serializable {
    /** Of a bootstrap. */
    public static final int SAMPLES = 2000;

    /** The 97.5 % points of Student's distribution with 1, 2, … degrees of freedom. */
    private static final double[] STUDENT = {
      12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262
    };

    /**
     * Of the mean of independent, normally distributed values: {@code mean ± t·s/√n}. NaN for one
     * value; beyond ten values that of ten is taken, which is wider.
     */
    public static Interval ofMean(List<Double> values) {
      int n = values.size();
      if (n < 2) {
        return new Interval(Double.NaN, Double.NaN);
      }
      double mean = values.stream().mapToDouble(Double::doubleValue).sum() / n;
      double squares = values.stream().mapToDouble(value -> (value - mean) * (value - mean)).sum();
      double t = STUDENT[Math.min(n - 1, STUDENT.length) - 1];
      double reach = t * Math.sqrt(squares / (n - 1) / n);
      return new Interval(mean - reach, mean + reach);
    }

    /**
     * Of a share, by the bootstrap over trials (B. Efron, "Bootstrap methods", Annals of Statistics
     * 7 (1979)): as many trials are drawn from those that were made, with replacement, 2000 times;
     * the interval is between the 2.5th and the 97.5th of a hundred such shares. The same for equal
     * counts; 0 to 1 without trials.
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
      return ofSamples(shares);
    }

    /** Between the 2.5th and the 97.5th of a hundred values, which are sorted; NaN for none. */
    public static Interval ofSamples(double[] values) {
      Arrays.sort(values);
      int tail = values.length / 40;
      return values.length == 0
          ? new Interval(Double.NaN, Double.NaN)
          : new Interval(values[tail], values[values.length - 1 - tail]);
    }
  }
}
