package io.tubelet.report;

import io.tubelet.report.picture.Chart;
import io.tubelet.report.picture.Chart.Series;
import io.tubelet.train.RoundMetrics;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

public sealed interface Part
    permits Diagnostics, FineTuning, Gallery, Part.Pretraining, Part.Tables {

  /** Of a kind that there is but once, the name of its type. */
  default String title() {
    return getClass().getSimpleName();
  }

  default String id() {
    return title().toLowerCase(Locale.ROOT).replace(' ', '-');
  }

  /** The pretraining, round by round; what is compared says how to read the loss. */
  record Pretraining(List<RoundMetrics> rounds, Compared compared) implements Part {
    public enum Compared {
      NORMALISED_CUBES,
      PIXELS,
      VIEWS
    }

    /** The last loss that is finite; NaN if there is none. */
    public double finalLoss() {
      return rounds.stream()
          .mapToDouble(RoundMetrics::loss)
          .filter(Double::isFinite)
          .reduce((earlier, later) -> later)
          .orElse(Double.NaN);
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

  /** What some tables say, in a sentence, and those of them that have rows. */
  record Tables(String title, String lead, List<Table> tables) implements Part {

    public Tables {
      tables = tables.stream().filter(table -> !table.rows.isEmpty()).toList();
    }

    /**
     * Texts in rows as wide as the header, the first of which names the row; a column of numbers is
     * set as such.
     */
    public record Table(String caption, List<String> header, List<List<String>> rows) {

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
