package io.tubelet.report.advice;

import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * A noisy curve, judged by medians of stretches of it, which one odd value does not move.
 *
 * @param values finite ones, in order
 */
record Curve(double[] values) {

  static <T> Curve of(List<T> moments, ToDoubleFunction<T> value) {
    return new Curve(moments.stream().mapToDouble(value).filter(Double::isFinite).toArray());
  }

  int size() {
    return values.length;
  }

  /** Median between two shares in [0, 1] of its length; at least one value is looked at. */
  double median(double fromShare, double toShare) {
    int from = Math.min(values.length - 1, (int) (fromShare * values.length));
    int to = Math.max(from + 1, (int) (toShare * values.length));
    double[] part = Arrays.copyOfRange(values, from, to);
    Arrays.sort(part);
    return part[part.length / 2];
  }

  /** The lowest median of a tenth of the curve. */
  double lowestTenth() {
    double lowest = Double.POSITIVE_INFINITY;
    for (int i = 0; i < 10; i++) {
      lowest = Math.min(lowest, median(i / 10.0, (i + 1) / 10.0));
    }
    return lowest;
  }

  double first() {
    return values[0];
  }

  double highest() {
    return Arrays.stream(values).max().orElseThrow();
  }

  double last() {
    return median(0.9, 1);
  }

  /**
   * How many values stand more than {@code factor} above the median of the {@code window} before.
   */
  long spikes(int window, double factor) {
    long spikes = 0;
    for (int i = window; i < values.length; i++) {
      double[] before = Arrays.copyOfRange(values, i - window, i);
      Arrays.sort(before);
      spikes += values[i] > factor * before[window / 2] ? 1 : 0;
    }
    return spikes;
  }
}
