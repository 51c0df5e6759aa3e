package io.tubelet.report.picture;

import static io.tubelet.clip.ClipGeometry.CHANNELS;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.Frames;
import io.tubelet.cube.CubeBatch;
import io.tubelet.cube.Cubes;
import io.tubelet.model.ModelSpec;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * One clip four times: as it is, as the encoder sees it, and as the decoder completes it, with and
 * without what only the hidden cubes tell.
 *
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

  /** Brightness and contrast: a pixel in [0, 1] is {@code prediction · scale + mean}. */
  private record Level(double mean, double scale) {
    /** Of predictions that are pixels already. */
    static final Level PIXELS = new Level(0, 1);

    /** Of one channel of one cube: every third value of {@code count} from {@code from}. */
    static Level of(byte[] cubes, int from, int count) {
      double[] pixels =
          IntStream.range(0, count)
              .mapToDouble(i -> (cubes[from + i * CHANNELS] & 0xFF) / WHITE)
              .toArray();
      double mean = DoubleStream.of(pixels).average().orElseThrow();
      double squares = DoubleStream.of(pixels).map(p -> (p - mean) * (p - mean)).sum();
      double deviation = Math.sqrt(squares / Math.max(1, count - 1));
      return new Level(mean, deviation + ModelSpec.TARGET_EPSILON);
    }
  }

  /**
   * Paints the hidden cubes of the batch's only clip.
   *
   * <p>With a normalised target (arXiv 2111.06377, section 3, "Reconstruction target") the network
   * predicts {@code (x - mean) / (std + 1e-6)} per cube and channel, with the unbiased standard
   * deviation over the cube's pixels; this undoes it with the true values, and with the visible
   * cubes' average. Without normalisation the prediction is a pixel in [0, 1].
   *
   * @param predicted {@code [hidden, cubeValues]}, rows as the batch's hidden rows, pixel-major
   * @param model a pretraining network of the batch's geometry
   */
  public static ReconstructionStrip of(CubeBatch batch, float[] predicted, ModelSpec model) {
    ClipGeometry geometry = batch.geometry();
    byte[] masked = batch.cubes().clone();
    Arrays.fill(masked, batch.visible() * geometry.cubeValues(), masked.length, GREY);
    boolean normalised = model.pretraining().normalisedTarget();
    int pixels = geometry.cubeValues() / CHANNELS;
    List<Level> average = normalised ? average(batch) : List.of();
    IntFunction<Level> own = from -> Level.of(batch.cubes(), from, pixels);
    IntFunction<Level> visible = from -> average.get(from % CHANNELS);
    return new ReconstructionStrip(
        batch.clips().get(0),
        Cubes.join(batch.cubes(), 0, batch.order(), geometry),
        Cubes.join(masked, 0, batch.order(), geometry),
        paint(batch, predicted, normalised ? own : from -> Level.PIXELS),
        paint(batch, predicted, normalised ? visible : from -> Level.PIXELS),
        normalised);
  }

  /** What the visible cubes have on average, by channel. */
  private static List<Level> average(CubeBatch batch) {
    int cubeValues = batch.geometry().cubeValues();
    return IntStream.range(0, CHANNELS)
        .mapToObj(
            channel -> {
              double mean = 0;
              double scale = 0;
              for (int cube = 0; cube < batch.visible(); cube++) {
                int from = cube * cubeValues + channel;
                Level level = Level.of(batch.cubes(), from, cubeValues / CHANNELS);
                mean += level.mean / batch.visible();
                scale += level.scale / batch.visible();
              }
              return new Level(mean, scale);
            })
        .toList();
  }

  /** The clip with hidden cubes predicted; a channel's level by the place of its first value. */
  private static Frames paint(CubeBatch batch, float[] predicted, IntFunction<Level> levels) {
    int cubeValues = batch.geometry().cubeValues();
    int firstHidden = batch.visible() * cubeValues;
    byte[] painted = batch.cubes().clone();
    for (int cube = firstHidden; cube < painted.length; cube += cubeValues) {
      for (int channel = 0; channel < CHANNELS; channel++) {
        Level level = levels.apply(cube + channel);
        for (int i = cube + channel; i < cube + cubeValues; i += CHANNELS) {
          double pixel = predicted[i - firstHidden] * level.scale + level.mean;
          painted[i] = (byte) Math.round(WHITE * Math.min(1, Math.max(0, pixel)));
        }
      }
    }
    return Cubes.join(painted, 0, batch.order(), batch.geometry());
  }
}
