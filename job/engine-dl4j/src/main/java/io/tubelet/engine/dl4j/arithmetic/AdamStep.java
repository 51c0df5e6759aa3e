package io.tubelet.engine.dl4j.arithmetic;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One step of Adam (arXiv 1412.6980) as PyTorch computes it, with g the gradient:
 *
 * <pre>
 * m ← β1·m + (1 − β1)·g        v ← β2·v + (1 − β2)·g²
 * update = rate · (m / (1 − β1ᵗ)) / (√(v / (1 − β2ᵗ)) + ε)
 * </pre>
 *
 * <p>DL4J's own Adam adds ε to the uncorrected √v, which makes ε up to 4.5 times (β2 = 0.95) as
 * large in the first steps: enough to move weights with tiny gradients by 2e-4 in three steps of
 * 1e-3.
 *
 * @param rate learning rate
 * @param step number of this step, counted from 1
 */
public record AdamStep(double beta1, double beta2, double epsilon, double rate, int step) {

  /**
   * Takes the step.
   *
   * @param gradient {@code [values]}; becomes the update to subtract
   * @param first running mean of gradients {@code [values]}
   * @param second running mean of squared gradients {@code [values]}
   */
  public void apply(INDArray gradient, INDArray first, INDArray second) {
    Values gradients = Values.of(gradient);
    Values firsts = Values.of(first);
    Values seconds = Values.of(second);
    double[] g = new double[Values.BLOCK];
    double[] m = new double[Values.BLOCK];
    double[] v = new double[Values.BLOCK];
    for (long at = 0; at < gradients.length(); at += Values.BLOCK) {
      int count = (int) Math.min(Values.BLOCK, gradients.length() - at);
      gradients.read(at, g, count);
      firsts.read(at, m, count);
      seconds.read(at, v, count);
      apply(g, m, v, count);
      gradients.write(at, g, count);
      firsts.write(at, m, count);
      seconds.write(at, v, count);
    }
  }

  private void apply(double[] g, double[] m, double[] v, int count) {
    double b1 = beta1;
    double b2 = beta2;
    double eps = epsilon;
    double scale = rate / (1 - Math.pow(beta1, step));
    double correction = 1 / (1 - Math.pow(beta2, step));
    for (int i = 0; i < count; i++) {
      m[i] = b1 * m[i] + (1 - b1) * g[i];
      v[i] = b2 * v[i] + (1 - b2) * g[i] * g[i];
    }
    for (int i = 0; i < count; i++) {
      g[i] = scale * m[i] / (Math.sqrt(v[i] * correction) + eps);
    }
  }
}
