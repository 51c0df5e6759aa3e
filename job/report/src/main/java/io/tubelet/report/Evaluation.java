package io.tubelet.report;

import io.tubelet.evaluate.Accuracy;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How well a model classifies held-out videos. Every video that could be read counts once; one that
 * could not is quarantined and never replaced by another.
 *
 * @param protocol views of a video that are averaged, in words: "5 clips × 3 crops per video"
 * @param quarantined not in the denominator
 * @param mistakes some of the commonest, as pictures
 */
public record Evaluation(
    String protocol, List<String> classes, Accuracy accuracy, long quarantined, Gallery mistakes) {

  public record Mistake(String truth, String prediction, int count) {}

  /**
   * @throws IllegalArgumentException if the confusion matrix is not as wide and high as the classes
   */
  public Evaluation {
    classes = List.copyOf(classes);
    int size = classes.size();
    int[][] confusion = accuracy.confusion();
    if (confusion.length != size || Arrays.stream(confusion).anyMatch(r -> r.length != size)) {
      throw new IllegalArgumentException(
          "%d classes need %d x %d counts, not rows of %s"
              .formatted(
                  size, size, size, Arrays.stream(confusion).map(row -> row.length).toList()));
    }
  }

  /** Videos that the list asks for, quarantined ones included. */
  public long asked() {
    return accuracy.videos() + quarantined;
  }

  public int ofClass(int truth) {
    return IntStream.of(accuracy.confusion()[truth]).sum();
  }

  /** Share in [0, 1] of a class' videos that got this prediction; 0 for a class without videos. */
  public double share(int truth, int prediction) {
    return accuracy.confusion()[truth][prediction] / (double) Math.max(1, ofClass(truth));
  }

  private Mistake mistake(int truth, int prediction) {
    int count = accuracy.confusion()[truth][prediction];
    return new Mistake(classes.get(truth), classes.get(prediction), count);
  }

  /** The commonest mistakes, the worst first. */
  public List<Mistake> commonest(int limit) {
    int size = classes.size();
    return IntStream.range(0, size * size)
        .filter(i -> i / size != i % size)
        .mapToObj(i -> mistake(i / size, i % size))
        .filter(mistake -> mistake.count > 0)
        .sorted(Comparator.comparingInt(Mistake::count).reversed())
        .limit(limit)
        .toList();
  }
}
