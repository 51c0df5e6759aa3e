package io.tubelet.report;

import static java.util.Map.Entry.comparingByKey;
import static java.util.Map.Entry.comparingByValue;
import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;

import io.tubelet.report.picture.Chart;
import io.tubelet.report.picture.Series;
import io.tubelet.training.RoundMetrics;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** A section of the page. */
public sealed interface Part
    permits Diagnostics,
        FeatureMap,
        FineTuning,
        Gallery,
        Part.Comparison,
        Part.DataHealth,
        Part.Pretraining,
        Tables {

  /** The section's heading. */
  String title();

  /** Its anchor. */
  default String id() {
    return title().toLowerCase(Locale.ROOT).replace(' ', '-');
  }

  /**
   * The masked pretraining, round by round.
   *
   * @param rounds in order; none if the run ended before the first
   * @param normalisedTarget whether each cube's pixels are normalised before the loss, which says
   *     how to read the loss
   */
  record Pretraining(List<RoundMetrics> rounds, boolean normalisedTarget) implements Part {

    @Override
    public String title() {
      return "Pretraining";
    }

    /** The last loss that is finite; NaN if there is none. */
    public double finalLoss() {
      return lastFinite(rounds);
    }

    /** Five small charts over rounds. */
    public List<Chart> charts() {
      return List.of(
          chart("Loss", "loss", false, perRound("loss", RoundMetrics::loss)),
          chart("Learning rate", "rate", true, perRound("rate", RoundMetrics::learningRate)),
          chart("Throughput", "clips/s", true, perRound("clips/s", RoundMetrics::clipsPerSecond)),
          chart("Gradient norm", "norm", true, perRound("norm", RoundMetrics::gradientNorm)),
          chart(
              "Time per round",
              "seconds",
              true,
              perRound("compute", round -> round.seconds().compute()),
              perRound("wait for data", round -> round.seconds().dataWait()),
              perRound("average", round -> round.seconds().average())));
    }

    private static Chart chart(String title, String unit, boolean fromZero, Series... series) {
      return Chart.lines(title, "round", unit, fromZero, List.of(series));
    }

    private Series perRound(String name, ToDoubleFunction<RoundMetrics> value) {
      return Series.of(name, rounds, RoundMetrics::round, value);
    }
  }

  private static double lastFinite(List<RoundMetrics> rounds) {
    return rounds.stream()
        .mapToDouble(RoundMetrics::loss)
        .filter(Double::isFinite)
        .reduce((earlier, later) -> later)
        .orElse(Double.NaN);
  }

  /**
   * What was read, and what could not be.
   *
   * @param videos sources that gave at least one clip
   * @param clips that these gave
   * @param quarantine sources that gave none
   */
  record DataHealth(long videos, long clips, List<Quarantined> quarantine) implements Part {

    /**
     * A source that gave no clip.
     *
     * @param path relative to its corpus
     * @param reason one of few kinds
     * @param detail what the decoder said
     */
    public record Quarantined(String path, String reason, String detail) {}

    @Override
    public String title() {
      return "Data";
    }

    /** Sources that the lists ask for. */
    public long asked() {
      return videos + quarantine.size();
    }

    /** Reasons and how many sources have each, the commonest first. */
    public List<Map.Entry<String, Long>> reasons() {
      Comparator<Map.Entry<String, Long>> commonest = comparingByValue(Comparator.reverseOrder());
      return quarantine.stream()
          .collect(groupingBy(Quarantined::reason, counting()))
          .entrySet()
          .stream()
          .sorted(commonest.thenComparing(comparingByKey()))
          .toList();
    }
  }

  /**
   * Several runs side by side.
   *
   * @param runs this one first
   */
  record Comparison(List<Run> runs) implements Part {
    private static final int MOST_CURVES = 4;

    /**
     * A run, in few words and figures.
     *
     * @param name its name
     * @param folder where it lives
     * @param rounds of its pretraining
     * @param results "pretrained: top-1 18.0 % …", one a model; none if it was not evaluated
     */
    public record Run(String name, String folder, List<RoundMetrics> rounds, List<String> results) {

      /** The last loss that is finite; NaN if there is none. */
      public double finalLoss() {
        return lastFinite(rounds);
      }

      /** Wall time in pretraining rounds. */
      public double hours() {
        return RoundMetrics.hours(rounds);
      }
    }

    @Override
    public String title() {
      return "Next to other runs";
    }

    /** The losses over epochs. */
    public Chart chart() {
      List<Series> losses =
          runs.stream()
              .limit(MOST_CURVES)
              .map(run -> Series.lossOverEpochs(run.name, run.rounds))
              .toList();
      return Chart.lines("Pretraining loss", "epoch", "loss", false, losses);
    }
  }
}
