package io.tubelet.engine.dl4j.arithmetic;

import io.tubelet.model.ModelSpec;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Layer norm over the last axis (arXiv 1607.06450) with biased variance:
 *
 * <pre>
 * x̂ = (x − mean) / √(variance + 1e-6)        y = x̂·weight + bias
 * dx = (g − mean(g) − x̂·mean(g·x̂)) / √(variance + 1e-6)        g = dy·weight
 * </pre>
 *
 * <p>ND4J's own operation adds another epsilon.
 *
 * @param weight {@code [dim]}
 * @param bias {@code [dim]}
 */
public record Norm(INDArray weight, INDArray bias) {

  /** {@code x [rows, dim]} → {@code y [rows, dim]}. */
  public void forward(INDArray x, INDArray y) {
    Values in = Values.of(x);
    Values out = Values.of(y);
    double[] scale = Values.of(weight).all();
    double[] shift = Values.of(bias).all();
    int dim = scale.length;
    double[] row = new double[dim];
    for (long at = 0; at < in.length(); at += dim) {
      in.read(at, row, dim);
      normalise(row);
      for (int i = 0; i < dim; i++) {
        row[i] = row[i] * scale[i] + shift[i];
      }
      out.write(at, row, dim);
    }
  }

  /** Replaces a row by x̂ and returns {@code 1 / √(variance + 1e-6)}. */
  private static double normalise(double[] row) {
    int dim = row.length;
    double mean = Sums.of(row, 0, dim) / dim;
    for (int i = 0; i < dim; i++) {
      row[i] -= mean;
    }
    double variance = Sums.ofProducts(row, row, 0, dim) / dim;
    double factor = 1 / Math.sqrt(variance + ModelSpec.LAYER_NORM_EPSILON);
    for (int i = 0; i < dim; i++) {
      row[i] *= factor;
    }
    return factor;
  }

  /**
   * The derivatives.
   *
   * @param x the input {@code [rows, dim]}
   * @param dy derivative by the output {@code [rows, dim]}
   * @param gradient its arrays become the derivatives by weight and bias
   * @param dx {@code [rows, dim]}; the derivative by the input is <em>added</em> to it
   */
  public void backward(INDArray x, INDArray dy, Norm gradient, INDArray dx) {
    Values in = Values.of(x);
    Values outer = Values.of(dy);
    Values inner = Values.of(dx);
    Rows rows = new Rows(Values.of(weight).all());
    int dim = rows.weight.length;
    for (long at = 0; at < in.length(); at += dim) {
      in.read(at, rows.x, dim);
      outer.read(at, rows.dy, dim);
      inner.read(at, rows.dx, dim);
      rows.backward();
      inner.write(at, rows.dx, dim);
    }
    Values.of(gradient.weight).write(0, rows.weightSum, dim);
    Values.of(gradient.bias).write(0, rows.biasSum, dim);
  }

  /** The rows at hand and the sums over those before. */
  private static final class Rows {
    private final double[] weight;
    private final double[] x;
    private final double[] dy;
    private final double[] dx;
    private final double[] weightSum;
    private final double[] biasSum;

    Rows(double[] weight) {
      this.weight = weight;
      int dim = weight.length;
      x = new double[dim];
      dy = new double[dim];
      dx = new double[dim];
      weightSum = new double[dim];
      biasSum = new double[dim];
    }

    void backward() {
      double factor = normalise(x);
      int dim = weight.length;
      Sums.add(dy, biasSum);
      for (int i = 0; i < dim; i++) {
        weightSum[i] += dy[i] * x[i];
      }
      for (int i = 0; i < dim; i++) {
        dy[i] *= weight[i];
      }
      double mean = Sums.of(dy, 0, dim) / dim;
      double slope = Sums.ofProducts(dy, x, 0, dim) / dim;
      for (int i = 0; i < dim; i++) {
        dx[i] += factor * (dy[i] - mean - x[i] * slope);
      }
    }
  }
}
