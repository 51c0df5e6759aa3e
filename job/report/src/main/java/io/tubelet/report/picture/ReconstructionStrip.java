package io.tubelet.report.picture;

import io.tubelet.clip.Frames;
import io.tubelet.cube.CubeBatch;
import io.tubelet.cube.Cubes;
import io.tubelet.geometry.ClipGeometry;
import io.tubelet.model.ModelSpec;
import java.util.Arrays;

/**
 * One clip three times: as it is, as the encoder sees it, and as the decoder completes it.
 *
 * @param clip the clip's id
 * @param original all frames
 * @param masked hidden cubes are grey
 * @param reconstructed visible cubes as they are, hidden ones predicted
 * @param trueStatistics whether the prediction was given each hidden cube's true mean and standard
 *     deviation, which the network does not know; such a picture looks better than the network is
 */
public record ReconstructionStrip(
    String clip, Frames original, Frames masked, Frames reconstructed, boolean trueStatistics) {

  private static final byte GREY = (byte) 128;
  private static final double WHITE = 255;

  /**
   * Paints the hidden cubes of one clip.
   *
   * <p>With a normalised target (arXiv 2111.06377, section 3, "Reconstruction target") the network
   * predicts {@code (x - mean) / (std + 1e-6)} per cube and channel, with the unbiased standard
   * deviation over the cube's pixels; this undoes it with the true values. Without normalisation
   * the prediction is a pixel in [0, 1].
   *
   * @param batch exactly one clip
   * @param predicted {@code [hidden, cubeValues]}, rows as the batch's hidden rows, pixel-major
   * @param model a pretraining network of the batch's geometry
   * @throws IllegalArgumentException if the sizes do not fit
   */
  public static ReconstructionStrip of(CubeBatch batch, float[] predicted, ModelSpec model) {
    requireFits(batch, predicted, model);
    ClipGeometry geometry = batch.geometry();
    int firstHidden = batch.visible() * geometry.cubeValues();
    byte[] masked = batch.cubes().clone();
    Arrays.fill(masked, firstHidden, masked.length, GREY);
    boolean normalised = model.pretraining().normalisedTarget();
    byte[] painted = batch.cubes().clone();
    for (int at = firstHidden; at < painted.length; at += geometry.cubeValues()) {
      for (int channel = 0; channel < ClipGeometry.CHANNELS; channel++) {
        Span span = new Span(at + channel, at + geometry.cubeValues());
        paint(painted, span, predicted, firstHidden, normalised);
      }
    }
    return new ReconstructionStrip(
        batch.clips().get(0),
        Cubes.join(batch.cubes(), 0, batch.order(), geometry),
        Cubes.join(masked, 0, batch.order(), geometry),
        Cubes.join(painted, 0, batch.order(), geometry),
        normalised);
  }

  private static void requireFits(CubeBatch batch, float[] predicted, ModelSpec model) {
    ClipGeometry geometry = batch.geometry();
    if (batch.size() != 1 || !geometry.equals(model.geometry())) {
      throw new IllegalArgumentException(
          "a strip takes one clip of %s, not %d of %s"
              .formatted(model.geometry(), batch.size(), geometry));
    }
    if (predicted.length != batch.hidden() * geometry.cubeValues()) {
      throw new IllegalArgumentException(
          "%s: %d hidden cubes of %d values, but %d predicted values"
              .formatted(
                  batch.clips().get(0), batch.hidden(), geometry.cubeValues(), predicted.length));
    }
  }

  /** One channel of one cube: every third value from {@code from} to before {@code to}. */
  private record Span(int from, int to) {
    int count() {
      return (to - from + ClipGeometry.CHANNELS - 1) / ClipGeometry.CHANNELS;
    }
  }

  private static void paint(
      byte[] cubes, Span span, float[] predicted, int firstHidden, boolean normalised) {
    double mean = normalised ? mean(cubes, span) : 0;
    double scale = normalised ? deviation(cubes, span, mean) + ModelSpec.TARGET_EPSILON : 1;
    for (int i = span.from; i < span.to; i += ClipGeometry.CHANNELS) {
      double pixel = predicted[i - firstHidden] * scale + mean;
      cubes[i] = (byte) Math.round(WHITE * Math.min(1, Math.max(0, pixel)));
    }
  }

  private static double mean(byte[] cubes, Span span) {
    double sum = 0;
    for (int i = span.from; i < span.to; i += ClipGeometry.CHANNELS) {
      sum += (cubes[i] & 0xFF) / WHITE;
    }
    return sum / span.count();
  }

  private static double deviation(byte[] cubes, Span span, double mean) {
    double squares = 0;
    for (int i = span.from; i < span.to; i += ClipGeometry.CHANNELS) {
      double distance = (cubes[i] & 0xFF) / WHITE - mean;
      squares += distance * distance;
    }
    return Math.sqrt(squares / Math.max(1, span.count() - 1));
  }
}
