package io.tubelet.report.advice;

import static io.tubelet.report.advice.Checkup.fine;
import static io.tubelet.report.advice.Checkup.unknown;
import static io.tubelet.report.advice.Checkup.warning;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.model.ModelSpec;
import io.tubelet.report.Advice.Finding;
import io.tubelet.report.DataHealth;
import io.tubelet.report.chart.NumberText;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/** What settings and counts say. */
final class SetupChecks {
  private static final String MASK = "Mask";
  private static final String PIXELS = "Pixel statistics";
  private static final String DATA = "Broken videos";

  private static final double SAME = 1e-3;
  private static final double MOST_BROKEN = 0.05;

  private SetupChecks() {}

  /** Whether most of a clip is hidden, as masked pretraining of video wants it. */
  static Finding hides(Setup setup) {
    String seen = NumberText.percent(setup.hiddenShare()) + " of the tokens are hidden";
    return setup.hiddenShare() < 0.5
        ? warning(
            MASK,
            seen,
            "This looks inverted: masking.ratio is the share that is hidden, not the share that the"
                + " encoder sees. Published: 0.9, and 0.75 for small data sets.")
        : fine(MASK, seen, "Published: 90 %, and 75 % for small data sets.");
  }

  /** Whether the weights expect the pixel statistics that the engines use. */
  static Finding normalises(Setup setup) {
    String seen = "mean %s, standard deviation %s".formatted(setup.mean(), setup.deviation());
    if (setup.mean().isEmpty() || setup.deviation().isEmpty()) {
      return unknown(PIXELS, "no preprocessor_config.json", "The engines use those of ImageNet.");
    }
    if (near(setup.mean(), ModelSpec::pixelStd) && near(setup.deviation(), ModelSpec::pixelMean)) {
      return warning(
          PIXELS,
          seen,
          "image_mean and image_std of preprocessor_config.json are swapped. The engines normalise"
              + " with the right ones; a reader of this checkpoint would not.");
    }
    return near(setup.mean(), ModelSpec::pixelMean) && near(setup.deviation(), ModelSpec::pixelStd)
        ? fine(PIXELS, seen, "Those of ImageNet, which the engines use.")
        : warning(
            PIXELS,
            seen,
            "These weights were trained with other pixel statistics than the engines use (those of"
                + " ImageNet); features will be off.");
  }

  /** Whether each channel has the value that the engines normalise with. */
  private static boolean near(List<Double> values, IntToDoubleFunction ofChannel) {
    return values.size() == ClipGeometry.CHANNELS
        && IntStream.range(0, values.size())
            .allMatch(i -> Math.abs(values.get(i) - ofChannel.applyAsDouble(i)) <= SAME);
  }

  /** Whether most videos could be read. */
  static Finding reads(DataHealth data) {
    long broken = data.quarantine().size();
    double share = broken / (double) Math.max(1, data.videos() + broken);
    String seen =
        "%s of %s sources gave no clip"
            .formatted(NumberText.count(broken), NumberText.count(data.videos() + broken));
    return share > MOST_BROKEN
        ? warning(
            DATA,
            seen,
            "More than is usual for a corpus. The table below names each with its reason: TOO_SHORT"
                + " asks for a smaller stride, decoding errors for another copy of the files.")
        : fine(DATA, seen, "Each has a row with its reason; none was replaced by another video.");
  }
}
