package io.tubelet.engine.dl4j.layer;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.Task.PixelLoss;
import java.io.Serializable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.reduce.floating.SquaredNorm;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * The loss of pretraining: mean over all compared values of what {@code prediction − target} costs.
 *
 * @param normalised whether the target is normalised, see {@link #target}
 * @param from first of a cube's values that are compared; the others have no derivative
 * @param count how many are compared; 0: all
 */
public record PixelError(boolean normalised, PixelLoss loss, int from, int count)
    implements Serializable {

  /** Of predictions {@code [batch, hidden, cubeValues]} and hidden cubes, uint8 of that shape. */
  LossOutput.Loss of(INDArray predictions, INDArray cubes) {
    INDArray all = Differentiable.rows(predictions);
    INDArray target = target(compared(Differentiable.rows(cubes)), normalised, all.dataType());
    INDArray error = compared(all).sub(target);
    INDArray slope = slope(error);
    double mean = sum(cost(error, slope)) / error.length();
    slope.divi(error.length());
    if (count == 0 || count == all.size(1)) {
      return new LossOutput.Loss(mean, slope.reshape('c', predictions.shape()));
    }
    INDArray whole = Nd4j.create(all.dataType(), predictions.shape(), 'c');
    compared(Differentiable.rows(whole)).assign(slope);
    return new LossOutput.Loss(mean, whole);
  }

  private INDArray compared(INDArray rows) {
    return count == 0 || count == rows.size(1)
        ? rows
        : rows.get(NDArrayIndex.all(), NDArrayIndex.interval(from, from + count));
  }

  private INDArray slope(INDArray error) {
    return switch (loss) {
      case MSE -> error.mul(2);
      case L1 -> Transforms.sign(error, true);
      case SMOOTH_L1 -> Transforms.max(Transforms.min(error, 1, true), -1, false);
    };
  }

  private INDArray cost(INDArray error, INDArray slope) {
    return switch (loss) {
      case MSE -> error.mul(error);
      case L1 -> error.mul(slope);
      case SMOOTH_L1 -> slope.mul(-0.5).addi(error).muli(slope);
    };
  }

  /** The sum of costs, each row by itself first: ND4J adds one value after the other, in fp32. */
  private static double sum(INDArray costs) {
    return costs.sum(1).castTo(DataType.DOUBLE).sumNumber().doubleValue();
  }

  /**
   * The target of hidden cubes, uint8 {@code [rows, values]}, channel fastest (arXiv 2203.12602,
   * section 4.3): pixels in [0, 1], or those less their mean over {@code std + 1e-6}, per channel,
   * with unbiased variance.
   */
  static INDArray target(INDArray cubes, boolean normalised, DataType type) {
    INDArray bytes = cubes.castTo(type);
    if (!normalised) {
      return bytes.divi(255);
    }
    long pixels = bytes.size(1) / ClipGeometry.CHANNELS;
    INDArray channels =
        bytes
            .reshape('c', bytes.size(0), pixels, ClipGeometry.CHANNELS)
            .permute(0, 2, 1)
            .dup('c')
            .reshape('c', bytes.size(0) * ClipGeometry.CHANNELS, pixels);
    // bytes are whole numbers: the mean of a constant cube is exact, and its target zero
    channels.subiColumnVector(channels.mean(1));
    INDArray variance = Nd4j.exec(new SquaredNorm(channels, false, 1)).divi(pixels - 1);
    INDArray scale = Transforms.sqrt(variance, false).addi(255 * ModelSpec.TARGET_EPSILON);
    return channels
        .diviColumnVector(scale)
        .reshape('c', bytes.size(0), ClipGeometry.CHANNELS, pixels)
        .permute(0, 2, 1)
        .dup('c')
        .reshape('c', bytes.shape());
  }
}
