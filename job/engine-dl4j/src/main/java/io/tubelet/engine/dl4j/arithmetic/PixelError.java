package io.tubelet.engine.dl4j.arithmetic;

import io.tubelet.model.PixelLoss;
import org.bytedeco.javacpp.BytePointer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The loss of pretraining: mean over all values of what {@code prediction − target} costs. */
public final class PixelError {
  private PixelError() {}

  /**
   * The loss; the target is made row by row and never stored.
   *
   * @param predictions {@code [rows, cubeValues]}; become the derivative of the loss
   * @param cubes the hidden cubes, uint8 {@code [batch, hidden, cubeValues]}
   * @param normalised whether the target is normalised, see {@link Pixels#target}
   * @param loss what an error costs
   */
  public static double of(
      INDArray predictions, INDArray cubes, boolean normalised, PixelLoss loss) {
    Values values = Values.of(predictions);
    BytePointer bytes = Values.bytes(cubes);
    long first = bytes.position();
    int columns = Math.toIntExact(predictions.size(-1));
    byte[] cube = new byte[columns];
    double[] row = new double[columns];
    double[] target = new double[columns];
    double[] costs = new double[columns];
    double sum = 0;
    for (long at = 0; at < values.length(); at += columns) {
      bytes.position(first + at).get(cube);
      Pixels.target(cube, normalised, target);
      values.read(at, row, columns);
      for (int i = 0; i < columns; i++) {
        double error = row[i] - target[i];
        costs[i] = loss.of(error);
        row[i] = loss.slope(error) / values.length();
      }
      sum += Sums.of(costs, 0, columns);
      values.write(at, row, columns);
    }
    return sum / values.length();
  }
}
