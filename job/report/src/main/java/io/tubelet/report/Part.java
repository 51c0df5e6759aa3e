package io.tubelet.report;

import static java.util.Map.Entry.comparingByKey;
import static java.util.Map.Entry.comparingByValue;
import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;

import io.tubelet.report.picture.Chart;
import io.tubelet.report.picture.Chart.Point;
import io.tubelet.report.picture.Chart.Series;
import io.tubelet.train.RoundMetrics;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

public sealed interface Part
    permits Diagnostics,
        FineTuning,
        Gallery,
        Part.Comparison,
        Part.DataHealth,
        Part.FeatureMap,
        Part.Pretraining,
        Part.Tables {

  String title();

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
   * @param quarantine sources that gave none
   */
  record DataHealth(long videos, long clips, List<Quarantined> quarantine) implements Part {

    /** A source that gave no clip, by its path in the corpus; the reason is one of few kinds. */
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

    public Chart chart() {
      List<Series> losses =
          runs.stream()
              .limit(MOST_CURVES)
              .map(run -> Series.lossOverEpochs(run.name, run.rounds))
              .toList();
      return Chart.lines("Pretraining loss", "epoch", "loss", false, losses);
    }
  }

  /**
   * Clips as points of a plane: the first two principal components of their features.
   *
   * @param clips points by class; a clip without a class has the empty one
   * @param explained share in [0, 1] of the features' variance that the plane shows
   */
  record FeatureMap(Map<String, List<Point>> clips, double explained) implements Part {

    @Override
    public String title() {
      return "Features";
    }

    public int size() {
      return clips.values().stream().mapToInt(List::size).sum();
    }

    /** The map; classes beyond the glyphs are one series. */
    public Chart chart() {
      List<Series> series = new ArrayList<>();
      new TreeMap<>(clips)
          .forEach((label, of) -> series.add(new Series(label.isEmpty() ? "no label" : label, of)));
      if (series.size() > Chart.MOST_GLYPHS) {
        List<Series> rest = series.subList(Chart.MOST_GLYPHS - 1, series.size());
        List<Point> others = rest.stream().flatMap(one -> one.points().stream()).toList();
        rest.clear();
        series.add(new Series("other classes", others));
      }
      return Chart.scatter("Features", "first component", "second component", series);
    }
  }

  /** A sentence, and the tables that it leads; those without rows are omitted. */
  record Tables(String title, String lead, List<Table> tables) implements Part {

    public Tables {
      tables = tables.stream().filter(table -> !table.rows.isEmpty()).toList();
    }

    /** Texts in rows, whose first names the row; a column of numbers alone is set as such. */
    public record Table(String caption, List<String> header, List<List<String>> rows) {

      /**
       * @throws IllegalArgumentException if a row has more or fewer columns than the header
       */
      public Table {
        int columns = header.size();
        if (rows.stream().anyMatch(row -> row.size() != columns)) {
          throw new IllegalArgumentException(
              "rows of '%s' are not %d wide".formatted(caption, columns));
        }
      }

      /** The rows that the page has room for. */
      public List<List<String>> shown() {
        return rows.subList(0, Math.min(HtmlReport.MOST_ROWS, rows.size()));
      }

      public String style(int column) {
        boolean numbers = rows.stream().allMatch(row -> row.get(column).matches("[-–\\d][\\d,.]*"));
        return numbers ? "number" : "long";
      }
    }
  }
}
