package io.tubelet.report.picture;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.Frames;
import io.tubelet.cube.CubeBatch;
import io.tubelet.cube.Cubes;
import io.tubelet.model.ModelSpec;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;

/**
 * One clip four times: as it is, as the encoder sees it, and as the decoder completes it, with and
 * without what only the hidden cubes tell.
 *
 * @param clip the clip's id
 * @param original all frames
 * @param masked hidden cubes are grey
 * @param reconstructed visible cubes as they are, hidden ones predicted; if the target is
 *     normalised, with each hidden cube's true mean and standard deviation, which the network does
 *     not know: the picture looks better than the network is
 * @param predicted the same from the prediction alone: with the mean and the standard deviation
 *     that the visible cubes have on average
 * @param trueStatistics whether the two differ, as the target is normalised
 */
public record ReconstructionStrip(
    String clip,
    Frames original,
    Frames masked,
    Frames reconstructed,
    Frames predicted,
    boolean trueStatistics) {

  private static final byte GREY = (byte) 128;
  private static final double WHITE = 255;

  /**
   * Paints the hidden cubes of one clip.
   *
   * <p>With a normalised target (arXiv 2111.06377, section 3, "Reconstruction target") the network
   * predicts {@code (x - mean) / (std + 1e-6)} per cube and channel, with the unbiased standard
   * deviation over the cube's pixels; this undoes it with the true values, and with the visible
   * cubes' average. Without normalisation the prediction is a pixel in [0, 1].
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
    return new ReconstructionStrip(
        batch.clips().get(0),
        Cubes.join(batch.cubes(), 0, batch.order(), geometry),
        Cubes.join(masked, 0, batch.order(), geometry),
        paint(batch, predicted, normalised ? Level::of : span -> Level.PIXELS),
        paint(batch, predicted, normalised ? byChannel(batch) : span -> Level.PIXELS),
        normalised);
  }

  /** The clip with its hidden cubes predicted, each channel of a cube brought to its level. */
  private static Frames paint(CubeBatch batch, float[] predicted, Function<Span, Level> levels) {
    int cubeValues = batch.geometry().cubeValues();
    int firstHidden = batch.visible() * cubeValues;
    byte[] painted = batch.cubes().clone();
    for (int at = firstHidden; at < painted.length; at += cubeValues) {
      for (int channel = 0; channel < ClipGeometry.CHANNELS; channel++) {
        Span span = new Span(batch.cubes(), at + channel, at + cubeValues);
        Level level = levels.apply(span);
        for (int i = span.from; i < span.to; i += ClipGeometry.CHANNELS) {
          double pixel = predicted[i - firstHidden] * level.scale + level.mean;
          painted[i] = (byte) Math.round(WHITE * Math.min(1, Math.max(0, pixel)));
        }
      }
    }
    return Cubes.join(painted, 0, batch.order(), batch.geometry());
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

  /** What the visible cubes have on average in the channel of a span. */
  private static Function<Span, Level> byChannel(CubeBatch batch) {
    int cubeValues = batch.geometry().cubeValues();
    Level[] levels = new Level[ClipGeometry.CHANNELS];
    for (int channel = 0; channel < ClipGeometry.CHANNELS; channel++) {
      double mean = 0;
      double scale = 0;
      for (int cube = 0; cube < batch.visible(); cube++) {
        int at = cube * cubeValues;
        Level level = Level.of(new Span(batch.cubes(), at + channel, at + cubeValues));
        mean += level.mean / batch.visible();
        scale += level.scale / batch.visible();
      }
      levels[channel] = new Level(mean, scale);
    }
    return span -> levels[span.channel()];
  }

  /** One channel of one cube: every third value from {@code from} to before {@code to}. */
  private record Span(byte[] cubes, int from, int to) {
    int count() {
      return (to - from + ClipGeometry.CHANNELS - 1) / ClipGeometry.CHANNELS;
    }

    int channel() {
      return from % ClipGeometry.CHANNELS;
    }

    double sum(DoubleUnaryOperator of) {
      double sum = 0;
      for (int i = from; i < to; i += ClipGeometry.CHANNELS) {
        sum += of.applyAsDouble((cubes[i] & 0xFF) / WHITE);
      }
      return sum;
    }
  }

  /** Brightness and contrast: a pixel in [0, 1] is {@code prediction · scale + mean}. */
  private record Level(double mean, double scale) {
    /** Of predictions that are pixels already. */
    static final Level PIXELS = new Level(0, 1);

    static Level of(Span span) {
      double mean = span.sum(pixel -> pixel) / span.count();
      double squares = span.sum(pixel -> (pixel - mean) * (pixel - mean));
      double deviation = Math.sqrt(squares / Math.max(1, span.count() - 1));
      return new Level(mean, deviation + ModelSpec.TARGET_EPSILON);
    }
  }
}
