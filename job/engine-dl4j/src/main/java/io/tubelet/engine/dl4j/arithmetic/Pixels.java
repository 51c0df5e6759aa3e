package io.tubelet.engine.dl4j.arithmetic;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.model.ModelSpec;
import java.util.Arrays;
import org.bytedeco.javacpp.BytePointer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What becomes of bytes: the network's input, and the target of its loss. */
public final class Pixels {
  private static final int CHANNELS = ClipGeometry.CHANNELS;

  private Pixels() {}

  /**
   * {@code (byte / 255 − mean) / std} per channel.
   *
   * @param cubes uint8 {@code […, cubeValues]}, channel fastest
   * @param to {@code [rows, cubeValues]}
   */
  public static void normalise(INDArray cubes, INDArray to) {
    int columns = Math.toIntExact(to.size(-1));
    double[] scale = new double[columns];
    double[] shift = new double[columns];
    for (int i = 0; i < columns; i++) {
      scale[i] = 1 / (255.0 * ModelSpec.pixelStd(i % CHANNELS));
      shift[i] = -(double) ModelSpec.pixelMean(i % CHANNELS) / ModelSpec.pixelStd(i % CHANNELS);
    }
    BytePointer bytes = Values.bytes(cubes);
    Values out = Values.of(to);
    byte[] cube = new byte[columns];
    double[] row = new double[columns];
    long first = bytes.position();
    for (long at = 0; at < out.length(); at += columns) {
      bytes.position(first + at).get(cube);
      for (int i = 0; i < columns; i++) {
        row[i] = (cube[i] & 0xFF) * scale[i] + shift[i];
      }
      out.write(at, row, columns);
    }
  }

  /**
   * The target of one hidden cube (arXiv 2203.12602, section 4.3): pixels in [0, 1], or those less
   * their mean over {@code std + 1e-6}, per channel, with unbiased variance.
   *
   * @param cube bytes {@code [values]}, channel fastest: of a whole cube, or of some of its frames
   * @param target output {@code [values]}
   */
  public static void target(byte[] cube, boolean normalised, double[] target) {
    double[] mean = new double[CHANNELS];
    double[] factor = new double[CHANNELS];
    Arrays.fill(factor, 1 / 255.0);
    if (normalised) {
      statistics(cube, mean, factor);
    }
    for (int i = 0; i < cube.length; i += CHANNELS) {
      for (int c = 0; c < CHANNELS; c++) {
        target[i + c] = ((cube[i + c] & 0xFF) - mean[c]) * factor[c];
      }
    }
  }

  /** Mean in bytes, and {@code 1 / (std + ε)} with ε on the scale of bytes. */
  private static void statistics(byte[] cube, double[] mean, double[] factor) {
    long[] sum = new long[CHANNELS];
    long[] squares = new long[CHANNELS];
    for (int i = 0; i < cube.length; i += CHANNELS) {
      for (int c = 0; c < CHANNELS; c++) {
        int value = cube[i + c] & 0xFF;
        sum[c] += value;
        squares[c] += (long) value * value;
      }
    }
    long pixels = cube.length / CHANNELS;
    for (int c = 0; c < CHANNELS; c++) {
      mean[c] = (double) sum[c] / pixels;
      // whole numbers: a constant cube has variance 0 exactly
      double variance = (double) (pixels * squares[c] - sum[c] * sum[c]) / (pixels * (pixels - 1));
      factor[c] = 1 / (Math.sqrt(variance) + 255 * ModelSpec.TARGET_EPSILON);
    }
  }
}
