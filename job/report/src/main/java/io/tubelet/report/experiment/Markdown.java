package io.tubelet.report.experiment;

import static java.util.stream.Collectors.joining;

import io.tubelet.evaluation.Interval;
import io.tubelet.report.chart.NumberText;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.function.DoubleFunction;
import java.util.stream.Stream;

/** {@link Findings} as Markdown, and the page over all experiments of a folder. */
public final class Markdown {
  private static final String NONE = "–";

  private Markdown() {}

  /** The page of one experiment. Its third line says it in one sentence. */
  public static String page(Findings findings) {
    List<String> lines = new ArrayList<>(List.of("# " + findings.title(), "", summary(findings)));
    findings.notes().forEach(note -> lines.addAll(List.of("", note)));
    for (Measure measure : findings.measures()) {
      lines.addAll(List.of("", "## " + measure.title(), ""));
      lines.addAll(table(measure, findings.seeds()));
    }
    if (!findings.charts().isEmpty()) {
      lines.addAll(List.of("", "## Curves"));
    }
    for (int i = 0; i < findings.charts().size(); i++) {
      lines.addAll(
          List.of("", "![%s](%s)".formatted(findings.charts().get(i).title(), findings.file(i))));
    }
    lines.addAll(List.of("", "## How", "", "| | |", "| --- | --- |"));
    findings.facts().forEach((key, value) -> lines.add(row(Stream.of(key, value))));
    return String.join("\n", lines) + "\n";
  }

  private static String summary(Findings findings) {
    Measure first = findings.measures().get(0);
    return first.arms().stream()
        .map(arm -> arm.name() + " " + number(first).apply(arm.mean()))
        .collect(joining("; ", first.title() + ": ", "."));
  }

  private static List<String> table(Measure measure, List<Integer> seeds) {
    boolean videos = measure.arms().stream().anyMatch(arm -> arm.videos() != null);
    boolean against = measure.arms().stream().anyMatch(arm -> arm.against() != null);
    boolean target = measure.arms().stream().anyMatch(arm -> arm.atLeast() > 0);
    List<String> head = new ArrayList<>(List.of("arm", "mean", "95 % over seeds"));
    if (videos) {
      head.add("95 % over videos");
    }
    seeds.forEach(seed -> head.add("seed " + seed));
    if (against) {
      head.add("difference, with equal seeds");
    }
    if (target) {
      head.add("target");
    }
    List<String> lines = new ArrayList<>();
    lines.add(row(head.stream()));
    lines.add(row(head.stream().map(cell -> "---")));
    for (Measure.Arm arm : measure.arms()) {
      DoubleFunction<String> number = number(measure);
      List<String> cells = new ArrayList<>(List.of(arm.name(), number.apply(arm.mean())));
      cells.add(interval(Interval.ofMean(arm.values()), number));
      if (videos) {
        cells.add(arm.videos() == null ? NONE : interval(arm.videos(), number));
      }
      arm.values().forEach(value -> cells.add(number.apply(value)));
      if (against) {
        cells.add(arm.against() == null ? "" : difference(arm.against(), measure));
      }
      if (target) {
        cells.add(arm.atLeast() == 0 ? "" : target(arm, number));
      }
      lines.add(row(cells.stream()));
    }
    return lines;
  }

  private static String difference(Measure.Against against, Measure measure) {
    DoubleFunction<String> signed =
        measure.share()
            ? value -> String.format(Locale.ROOT, "%+.1f", 100 * value)
            : value -> String.format(Locale.ROOT, "%+.4f", value);
    Interval interval = Interval.ofMean(against.differences());
    return "%s against %s (95 %%: %s)%s"
        .formatted(
            signed.apply(Measure.mean(against.differences())),
            against.name(),
            interval(interval, signed),
            interval.low() <= 0 && interval.high() >= 0 ? ": within the seeds' spread" : "");
  }

  private static String target(Measure.Arm arm, DoubleFunction<String> number) {
    return "%s: %s"
        .formatted(number.apply(arm.atLeast()), arm.mean() >= arm.atLeast() ? "met" : "**missed**");
  }

  private static String interval(Interval interval, DoubleFunction<String> number) {
    return Double.isNaN(interval.low())
        ? NONE
        : number.apply(interval.low()) + " to " + number.apply(interval.high());
  }

  private static DoubleFunction<String> number(Measure measure) {
    return measure.share()
        ? value -> NumberText.percent(value).replace('\u00a0', ' ')
        : value -> String.format(Locale.ROOT, "%.4f", value);
  }

  private static String row(Stream<String> cells) {
    return cells.map(cell -> cell.replace("|", "\\|")).collect(joining(" | ", "| ", " |"));
  }

  /**
   * The page over some experiments.
   *
   * @param pages names of their pages, and what stands in them
   */
  public static String overview(SortedMap<String, String> pages) {
    List<String> lines =
        new ArrayList<>(
            List.of(
                "# Results",
                "",
                "Each page is written by `deploy/submit.sh local experiment conf/experiments/NAME.conf`."));
    pages.forEach(
        (file, text) -> {
          List<String> of = text.lines().toList();
          String title = of.get(0).replaceFirst("^# ", "");
          lines.addAll(List.of("", "## [%s](%s)".formatted(title, file), "", of.get(2)));
        });
    return String.join("\n", lines) + "\n";
  }
}
