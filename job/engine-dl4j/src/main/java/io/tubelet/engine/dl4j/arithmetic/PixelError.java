package io.tubelet.engine.dl4j.arithmetic;

import io.tubelet.model.Task.PixelLoss;
import java.io.Serializable;
import java.util.Arrays;
import org.bytedeco.javacpp.BytePointer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The loss of pretraining: mean over all compared values of what {@code prediction − target} costs.
 *
 * @param normalised whether the target is normalised, see {@link Pixels#target}
 * @param loss what an error costs
 * @param from first of a cube's values that are compared; the others have no derivative
 * @param count how many are compared; 0: all
 */
public record PixelError(boolean normalised, PixelLoss loss, int from, int count)
    implements Serializable {

  /**
   * The loss; the target is made row by row and never stored.
   *
   * @param predictions {@code [rows, cubeValues]}; become the derivative of the loss
   * @param cubes the hidden cubes, uint8 {@code [batch, hidden, cubeValues]}
   */
  public double of(INDArray predictions, INDArray cubes) {
    Values values = Values.of(predictions);
    BytePointer bytes = Values.bytes(cubes);
    long first = bytes.position();
    int columns = Math.toIntExact(predictions.size(-1));
    byte[] cube = new byte[columns];
    double[] row = new double[columns];
    int some = count == 0 ? columns : count;
    byte[] compared = new byte[some];
    double[] target = new double[some];
    double[] costs = new double[some];
    double all = (double) values.length() / columns * some;
    double sum = 0;
    for (long at = 0; at < values.length(); at += columns) {
      bytes.position(first + at).get(cube);
      System.arraycopy(cube, from, compared, 0, some);
      Pixels.target(compared, normalised, target);
      values.read(at + from, costs, some);
      Arrays.fill(row, 0);
      for (int i = 0; i < some; i++) {
        double error = costs[i] - target[i];
        costs[i] = loss.of(error);
        row[from + i] = loss.slope(error) / all;
      }
      sum += Sums.of(costs, 0, some);
      values.write(at, row, columns);
    }
    return sum / all;
  }
}
