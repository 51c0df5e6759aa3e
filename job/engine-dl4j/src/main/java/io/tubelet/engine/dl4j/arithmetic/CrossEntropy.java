package io.tubelet.engine.dl4j.arithmetic;

import org.nd4j.linalg.api.ndarray.INDArray;

/** The loss of fine-tuning: mean over the batch of {@code −Σ label·log softmax(score)}. */
public final class CrossEntropy {
  private CrossEntropy() {}

  /**
   * The loss.
   *
   * @param scores {@code [batch, classes]}; become the derivative of the loss
   * @param labels target distributions {@code [batch, classes]}
   */
  public static double of(INDArray scores, INDArray labels) {
    double[] score = Values.of(scores).all();
    double[] label = Values.of(labels).all();
    int classes = Math.toIntExact(scores.size(-1));
    int batch = score.length / classes;
    double sum = 0;
    for (int row = 0; row < score.length; row += classes) {
      double weight = Sums.of(label, row, row + classes);
      double logSum = logSum(score, row, row + classes);
      for (int i = row; i < row + classes; i++) {
        double log = score[i] - logSum;
        sum -= label[i] * log;
        score[i] = (weight * Math.exp(log) - label[i]) / batch;
      }
    }
    Values.of(scores).write(0, score, score.length);
    return sum / batch;
  }

  private static double logSum(double[] score, int from, int to) {
    double max = score[from];
    for (int i = from; i < to; i++) {
      max = Math.max(max, score[i]);
    }
    double sum = 0;
    for (int i = from; i < to; i++) {
      sum += Math.exp(score[i] - max);
    }
    return max + Math.log(sum);
  }
}
