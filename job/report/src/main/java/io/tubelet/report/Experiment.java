package io.tubelet.report;

import static java.util.stream.Collectors.joining;

import io.tubelet.evaluate.Accuracy.Interval;
import io.tubelet.report.picture.Chart;
import io.tubelet.report.picture.NumberText;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.DoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * All that is told of one experiment, as a page of Markdown that does not depend on the time.
 *
 * @param seeds in the order of all values
 * @param measures the tables; the first is what was asked for
 * @param facts where, how long, with what
 */
public record Experiment(
    String name,
    String title,
    List<String> notes,
    List<Integer> seeds,
    List<Measure> measures,
    List<Chart> charts,
    Map<String, String> facts) {
  /** How many clips a pretraining has seen, counted each time: one of the facts. */
  public static final String SAMPLES = "samples of a pretraining";

  /** The arms that tell what pretraining is worth: it is the difference of the last two. */
  private static final List<String> WORTH = List.of("scratch", "unpretrained", "pretrained");

  private static final String NONE = "–";

  /** One table: a figure of each arm with each seed; shares in [0, 1] are shown in per cent. */
  public record Measure(String title, boolean share, List<Arm> arms) {
    private String number(double value) {
      return share
          ? NumberText.percent(value).replace('\u00a0', ' ')
          : String.format(Locale.ROOT, "%.4f", value);
    }

    private String signed(double value) {
      return String.format(Locale.ROOT, share ? "%+.1f" : "%+.4f", share ? 100 * value : value);
    }
  }

  /**
   * A row.
   *
   * @param values one a seed
   * @param videos interval of the mean over videos; null: it is no share of videos
   * @param against what it is compared with, and the differences to it, one a seed; null: nothing
   * @param atLeast what it should reach; 0: nothing
   */
  public record Arm(
      String name, List<Double> values, Interval videos, Against against, double atLeast) {
    private double mean() {
      return Experiment.mean(values);
    }
  }

  /**
   * A comparison of runs: this less the other, with each seed; {@code p} is the largest of the
   * seeds' by McNemar's test on the same videos, or NaN.
   */
  public record Against(String name, List<Double> differences, double p) {}

  private static double mean(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
  }

  public String file() {
    return name + ".md";
  }

  public String file(int chart) {
    return "%s-%d.svg".formatted(name, chart + 1);
  }

  /** The page. Its third line says it in one sentence. */
  public String markdown() {
    List<String> lines = new ArrayList<>(List.of("# " + title, "", summary()));
    notes.forEach(note -> lines.addAll(List.of("", note)));
    for (Measure measure : measures) {
      lines.addAll(List.of("", "## " + measure.title, ""));
      table(measure).forEach(cells -> lines.add(row(cells)));
    }
    if (!charts.isEmpty()) {
      lines.addAll(List.of("", "## Curves"));
    }
    for (int i = 0; i < charts.size(); i++) {
      lines.addAll(List.of("", "![%s](%s)".formatted(charts.get(i).title(), file(i))));
    }
    lines.addAll(List.of("", "## How", "", "| | |", "| --- | --- |"));
    facts.forEach((key, value) -> lines.add(row(List.of(key, value))));
    return String.join("\n", lines) + "\n";
  }

  private String summary() {
    Measure first = measures.get(0);
    return first.arms.stream()
        .map(arm -> arm.name + " " + first.number(arm.mean()))
        .collect(joining("; ", first.title + ": ", "."));
  }

  private static String row(List<String> cells) {
    return cells.stream().map(cell -> cell.replace("|", "\\|")).collect(joining(" | ", "| ", " |"));
  }

  /** Cells by rows, the head first; columns that no arm needs are omitted. */
  private List<List<String>> table(Measure measure) {
    boolean videos = measure.arms.stream().anyMatch(arm -> arm.videos != null);
    boolean against = measure.arms.stream().anyMatch(arm -> arm.against != null);
    boolean target = measure.arms.stream().anyMatch(arm -> arm.atLeast > 0);
    List<String> head = new ArrayList<>(List.of("arm", "mean", "95 % over seeds"));
    head.addAll(videos ? List.of("95 % over videos") : List.of());
    seeds.forEach(seed -> head.add("seed " + seed));
    head.addAll(against ? List.of("difference, with equal seeds") : List.of());
    head.addAll(target ? List.of("target") : List.of());
    List<List<String>> rows = new ArrayList<>(List.of(head));
    rows.add(head.stream().map(cell -> "---").toList());
    for (Arm arm : measure.arms) {
      List<String> cells = new ArrayList<>(List.of(arm.name, measure.number(arm.mean())));
      cells.add(interval(Interval.ofMean(arm.values), measure::number));
      if (videos) {
        cells.add(arm.videos == null ? NONE : interval(arm.videos, measure::number));
      }
      arm.values.forEach(value -> cells.add(measure.number(value)));
      if (against) {
        cells.add(arm.against == null ? "" : difference(arm.against, measure));
      }
      if (target) {
        cells.add(arm.atLeast == 0 ? "" : target(arm, measure));
      }
      rows.add(cells);
    }
    return rows;
  }

  private static String interval(Interval interval, DoubleFunction<String> number) {
    return Double.isNaN(interval.low())
        ? NONE
        : number.apply(interval.low()) + " to " + number.apply(interval.high());
  }

  private static String difference(Against against, Measure measure) {
    Interval interval = Interval.ofMean(against.differences);
    String p = String.format(Locale.ROOT, "; McNemar p with each seed at most %.1e", against.p);
    return "%s against %s (95 %%: %s%s)%s"
        .formatted(
            measure.signed(mean(against.differences)),
            against.name,
            interval(interval, measure::signed),
            Double.isNaN(against.p) ? "" : p,
            interval.low() <= 0 && interval.high() >= 0 ? ": within the seeds' spread" : "");
  }

  private static String target(Arm arm, Measure measure) {
    return "%s: %s"
        .formatted(measure.number(arm.atLeast), arm.mean() >= arm.atLeast ? "met" : "**missed**");
  }

  /**
   * The page over some experiments, by the names of their files: what pretraining was worth, then
   * sentence and first table of each.
   */
  public static String overview(SortedMap<String, String> pages) {
    List<String> lines =
        new ArrayList<>(
            List.of(
                "# Results",
                "",
                "Each page is written by `deploy/submit.sh local experiment"
                    + " conf/experiments/NAME.conf`."));
    List<String> worth = new ArrayList<>();
    pages.forEach((file, text) -> worth(file, text).ifPresent(worth::add));
    if (!worth.isEmpty()) {
      String arms = String.join(" | ", WORTH);
      String head = "| data | %s | %s | worth of pretraining | p |".formatted(SAMPLES, arms);
      lines.addAll(List.of("", head, "| --- | --- | --- | --- | --- | --- | --- |"));
      lines.addAll(worth);
    }
    pages.forEach(
        (file, text) -> {
          lines.addAll(List.of("", "## " + link(file, text), "", text.lines().toList().get(2)));
          List<String> table = firstTable(text);
          lines.addAll(table.isEmpty() ? List.of() : List.of("", String.join("\n", table)));
        });
    return String.join("\n", lines) + "\n";
  }

  private static String link(String file, String text) {
    return "[%s](%s)".formatted(text.lines().findFirst().orElse("").replaceFirst("^# ", ""), file);
  }

  private static List<String> firstTable(String text) {
    return text.lines()
        .dropWhile(line -> !line.startsWith("| arm |"))
        .takeWhile(line -> line.startsWith("|"))
        .toList();
  }

  /** A row for a page that has the three arms; the last is compared with its control. */
  private static Optional<String> worth(String file, String text) {
    Map<String, String> rows = new HashMap<>();
    for (String row : firstTable(text)) {
      rows.put(row.split(" \\| ", -1)[0].substring(2), row);
    }
    if (!rows.keySet().containsAll(WORTH)) {
      return Optional.empty();
    }
    List<String> cells = new ArrayList<>(List.of(link(file, text)));
    cells.add(found(text, "\\| " + SAMPLES + " \\| (.*) \\|"));
    WORTH.forEach(arm -> cells.add(rows.get(arm).split(" \\| ", -1)[1]));
    String pretrained = rows.get(WORTH.get(2));
    cells.add(found(pretrained, "([+-][0-9.]+) against " + WORTH.get(1)));
    cells.add(found(pretrained, "McNemar p with each seed at most ([0-9.e+-]+)"));
    return Optional.of("| %s |".formatted(String.join(" | ", cells)));
  }

  private static String found(String text, String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    return matcher.find() ? matcher.group(1) : NONE;
  }
}
