package io.tubelet.evaluate;

import java.io.Serializable;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Classifies by the nearest known examples: each of the {@code k} with the largest cosine adds
 * {@code exp(cosine / 0.07)} to its class (arXiv 1805.01978, section 3.4).
 */
public final class Neighbours implements Serializable {
  private static final double TEMPERATURE = 0.07;

  /** Of a class without a vote; its logarithm is finite. */
  private static final double NO_VOTE = 1e-12;

  private final List<float[]> examples;
  private final int[] labels;
  private final int classes;
  private final int k;

  /**
   * With examples {@code [dim]}, of which k vote.
   *
   * @throws IllegalArgumentException if there are no examples, or not a label for each
   */
  public Neighbours(List<float[]> examples, int[] labels, int classes, int k) {
    if (examples.isEmpty() || examples.size() != labels.length) {
      throw new IllegalArgumentException(
          "%d examples with %d labels".formatted(examples.size(), labels.length));
    }
    this.examples = examples.stream().map(Neighbours::unit).toList();
    this.labels = labels.clone();
    this.classes = classes;
    this.k = k;
  }

  /** Logarithms of the classes' shares of the vote {@code [classes]}: scores before softmax. */
  public float[] scores(float[] features) {
    float[] unit = unit(features);
    double[] cosines = examples.stream().mapToDouble(example -> dot(example, unit)).toArray();
    double[] votes = new double[classes];
    IntStream.range(0, cosines.length)
        .boxed()
        .sorted(Comparator.comparingDouble((Integer i) -> -cosines[i]))
        .limit(k)
        .forEach(i -> votes[labels[i]] += Math.exp((cosines[i] - 1) / TEMPERATURE));
    double sum = IntStream.range(0, classes).mapToDouble(c -> votes[c]).sum();
    float[] scores = new float[classes];
    for (int c = 0; c < classes; c++) {
      scores[c] = (float) Math.log(Math.max(votes[c] / sum, NO_VOTE));
    }
    return scores;
  }

  private static float[] unit(float[] vector) {
    double length = Math.max(Math.sqrt(dot(vector, vector)), Float.MIN_NORMAL);
    float[] unit = new float[vector.length];
    for (int i = 0; i < unit.length; i++) {
      unit[i] = (float) (vector[i] / length);
    }
    return unit;
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }
}
