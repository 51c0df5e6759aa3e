package io.tubelet.evaluate;

import io.tubelet.evaluate.Accuracy.Interval;
import io.tubelet.evaluate.Accuracy.Mistake;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Class probabilities of videos, averaged over their views (clips × crops; arXiv 2203.12602,
 * section 4.1). A pure fold: {@link #add} and {@link #merge} in any order of videos give the same
 * sums, as each video's views come from one place.
 */
public final class MultiView implements Serializable {
  private static final int MOST_MISTAKES = 100;

  /** A video: its true class and the sum of its views' probabilities {@code [classes]}. */
  private record ViewSum(int label, double[] sum) implements Serializable {}

  private final TreeMap<String, ViewSum> videos = new TreeMap<>();

  /** Adds scores before softmax {@code [classes]} of a view to a video, named by its path. */
  public void add(String video, int label, float[] logits) {
    put(video, new ViewSum(label, softmax(logits)));
  }

  /** Adds all that another fold has seen. */
  public MultiView merge(MultiView other) {
    other.videos.forEach(this::put);
    return this;
  }

  private void put(String video, ViewSum more) {
    videos.merge(
        video,
        more,
        (a, b) -> {
          double[] sum = new double[a.sum.length];
          Arrays.setAll(sum, k -> a.sum[k] + b.sum[k]);
          return new ViewSum(a.label, sum);
        });
  }

  private static double[] softmax(float[] logits) {
    double largest =
        IntStream.range(0, logits.length).mapToDouble(k -> logits[k]).max().orElseThrow();
    double[] p = new double[logits.length];
    double sum = 0;
    for (int k = 0; k < p.length; k++) {
      p[k] = Math.exp(logits[k] - largest);
      sum += p[k];
    }
    for (int k = 0; k < p.length; k++) {
      p[k] /= sum;
    }
    return p;
  }

  /**
   * Counts what the averaged probabilities say. Top-1, top-k, confusion and mistakes all rank the
   * classes by {@link #ranked}, so that the diagonal of the confusion matrix is the top-1 count.
   */
  public Accuracy accuracy(int classes, int top) {
    int[][] confusion = new int[classes][classes];
    int within = 0;
    StringBuilder hits = new StringBuilder(videos.size());
    Map<List<Integer>, Mistake> mistakes = new LinkedHashMap<>(); // of each pair the first
    for (Map.Entry<String, ViewSum> entry : videos.entrySet()) {
      int truth = entry.getValue().label;
      List<Integer> order = ranked(entry.getValue().sum);
      confusion[truth][order.get(0)]++;
      within += order.indexOf(truth) < top ? 1 : 0;
      hits.append(order.get(0) == truth ? '1' : '0');
      if (order.get(0) != truth) {
        mistakes.putIfAbsent(
            List.of(truth, order.get(0)), new Mistake(entry.getKey(), truth, order.get(0)));
      }
    }
    int right = IntStream.range(0, classes).map(k -> confusion[k][k]).sum();
    List<Mistake> commonest =
        mistakes.values().stream()
            .sorted(Comparator.comparingInt(m -> -confusion[m.truth()][m.prediction()]))
            .limit(MOST_MISTAKES)
            .toList();
    Interval interval = Interval.bootstrap(right, videos.size());
    return new Accuracy(
        videos.size(), right, within, top, confusion, interval, commonest, hits.toString());
  }

  /** The class probabilities of a video {@code [classes]}, in the order of the classes. */
  public double[] probabilities(String video) {
    double[] sum = videos.get(video).sum;
    double views = DoubleStream.of(sum).sum();
    return DoubleStream.of(sum).map(of -> of / views).toArray();
  }

  /** The classes by score, the highest first; of equal scores, the lower class comes first. */
  public static List<Integer> ranked(double[] scores) {
    return IntStream.range(0, scores.length)
        .boxed()
        .sorted(Comparator.comparingDouble(k -> -scores[k]))
        .toList();
  }
}
