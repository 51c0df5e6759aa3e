package io.tubelet.report;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Truth against prediction.
 *
 * @param classes names in the order of their labels
 * @param counts {@code [classes, classes]}: row = truth, column = prediction
 */
public record ConfusionMatrix(List<String> classes, List<List<Integer>> counts) {

  /**
   * @throws IllegalArgumentException if the counts are not square or not as many as the classes
   */
  public ConfusionMatrix {
    classes = List.copyOf(classes);
    counts = counts.stream().map(List::copyOf).toList();
    int size = classes.size();
    if (counts.size() != size || counts.stream().anyMatch(row -> row.size() != size)) {
      throw new IllegalArgumentException(
          "%d classes need %d x %d counts, not rows of %s"
              .formatted(size, size, size, counts.stream().map(List::size).toList()));
    }
  }

  /** From an array {@code [truth, prediction]}. */
  public static ConfusionMatrix of(List<String> classes, int[][] counts) {
    return new ConfusionMatrix(
        classes, Arrays.stream(counts).map(row -> Arrays.stream(row).boxed().toList()).toList());
  }

  /** A pair of classes that the model mistakes. */
  public record Mistake(String truth, String prediction, int count) {}

  /** All videos. */
  public long total() {
    return IntStream.range(0, classes.size()).mapToLong(this::ofClass).sum();
  }

  /** Videos on the diagonal. */
  public long correct() {
    return IntStream.range(0, classes.size()).mapToLong(i -> counts.get(i).get(i)).sum();
  }

  /** Videos of a class. */
  public long ofClass(int truth) {
    return counts.get(truth).stream().mapToLong(Integer::longValue).sum();
  }

  /** Share in [0, 1] of a class' videos that got this prediction; 0 for a class without videos. */
  public double share(int truth, int prediction) {
    return counts.get(truth).get(prediction) / (double) Math.max(1, ofClass(truth));
  }

  /** The commonest mistakes, the worst first. */
  public List<Mistake> mistakes(int limit) {
    int size = classes.size();
    return IntStream.range(0, size * size)
        .filter(i -> i / size != i % size)
        .mapToObj(
            i ->
                new Mistake(
                    classes.get(i / size),
                    classes.get(i % size),
                    counts.get(i / size).get(i % size)))
        .filter(mistake -> mistake.count() > 0)
        .sorted(Comparator.comparingInt(Mistake::count).reversed())
        .limit(limit)
        .toList();
  }
}
