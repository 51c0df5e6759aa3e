package io.tubelet.evaluation;

import io.tubelet.evaluation.Accuracy.Interval;
import java.io.Serializable;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Class probabilities of videos, averaged over their views (clips × crops; arXiv 2203.12602,
 * section 4.1). A pure fold: {@link #add} and {@link #merge} in any order of videos give the same
 * sums, as each video's views come from one place.
 */
public final class MultiView implements Serializable {
  private static final int MOST_MISTAKES = 100;

  /** A video: its true class and the sum of its views' probabilities {@code [classes]}. */
  private record Tally(int label, int views, double[] sum) implements Serializable {}

  private final TreeMap<String, Tally> videos = new TreeMap<>();

  /**
   * Adds one view.
   *
   * @param video names the video; its whole path, so that equal base names stay apart
   * @param logits scores before softmax {@code [classes]}, read from {@code at}
   */
  public void add(String video, int label, float[] logits, int at, int classes) {
    double[] p = softmax(logits, at, classes);
    put(video, new Tally(label, 1, p));
  }

  /** Adds all that another fold has seen. */
  public MultiView merge(MultiView other) {
    other.videos.forEach(this::put);
    return this;
  }

  private void put(String video, Tally more) {
    videos.merge(
        video,
        more,
        (a, b) -> {
          double[] sum = a.sum.clone();
          for (int k = 0; k < sum.length; k++) {
            sum[k] += b.sum[k];
          }
          return new Tally(a.label, a.views + b.views, sum);
        });
  }

  private static double[] softmax(float[] logits, int at, int classes) {
    double largest = Double.NEGATIVE_INFINITY;
    for (int k = 0; k < classes; k++) {
      largest = Math.max(largest, logits[at + k]);
    }
    double[] p = new double[classes];
    double sum = 0;
    for (int k = 0; k < classes; k++) {
      p[k] = Math.exp(logits[at + k] - largest);
      sum += p[k];
    }
    for (int k = 0; k < classes; k++) {
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
    int first = 0;
    int within = 0;
    for (Tally video : videos.values()) {
      List<Integer> order = ranked(video.sum);
      confusion[video.label][order.get(0)]++;
      first += order.get(0) == video.label ? 1 : 0;
      within += order.indexOf(video.label) < top ? 1 : 0;
    }
    Interval interval = Interval.bootstrap(first, videos.size());
    return new Accuracy(
        videos.size(), first, within, top, confusion, interval, mistakes(confusion));
  }

  /** The first video of each pair of true and predicted class, commonest pairs first. */
  private List<Accuracy.Mistake> mistakes(int[][] confusion) {
    Map<List<Integer>, Accuracy.Mistake> first = new LinkedHashMap<>();
    videos.forEach(
        (name, video) -> {
          int best = ranked(video.sum).get(0);
          if (best != video.label) {
            first.putIfAbsent(
                List.of(video.label, best), new Accuracy.Mistake(name, video.label, best));
          }
        });
    Comparator<Accuracy.Mistake> rarest =
        Comparator.comparingInt(mistake -> confusion[mistake.truth()][mistake.prediction()]);
    return first.values().stream().sorted(rarest.reversed()).limit(MOST_MISTAKES).toList();
  }

  /** The classes by score, the highest first; of equal scores, the lower class comes first. */
  private static List<Integer> ranked(double[] scores) {
    return IntStream.range(0, scores.length)
        .boxed()
        .sorted(Comparator.comparingDouble(k -> -scores[k]))
        .toList();
  }
}
