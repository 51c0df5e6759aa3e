package io.tubelet.spark.stage;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;

import io.tubelet.report.Tables;
import io.tubelet.report.Tables.Table;
import io.tubelet.report.chart.NumberText;
import io.tubelet.spark.stage.CorpusCheck.Item;
import io.tubelet.video.VideoInfo;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** What {@code doctor --data} found, as a section of a page. */
final class CorpusPage {
  private static final double GIGABYTE = 1e9;
  private static final double HOUR = 3600;

  private CorpusPage() {}

  static Tables of(CorpusCheck check, double failureBudget) {
    String lead =
        "%s. data.failure-budget lets %s of a corpus give none."
            .formatted(check.sentence(), NumberText.percent(failureBudget));
    List<Item> faults = check.rows().stream().filter(item -> !item.file().readable()).toList();
    return new Tables(
        "corpus",
        "Corpus",
        lead,
        List.of(
            corpora(check.rows()),
            ranges(check.rows().stream().filter(item -> item.file().readable()).toList()),
            counted("Codecs and sizes", check.rows(), CorpusPage::kind),
            counted("Why files give no clip", faults, item -> item.file().reason()),
            new Table(
                "Files that give no clip",
                List.of("Video", "Corpus", "Reason", "Detail"),
                faults.stream()
                    .map(i -> List.of(i.id(), i.corpus(), i.file().reason(), i.file().detail()))
                    .toList()),
            new Table(
                "Files with the bytes of another",
                List.of("Video", "Corpus", "The same as"),
                check.rows().stream()
                    .filter(Item::duplicate)
                    .map(item -> List.of(item.id(), item.corpus(), item.sameAs()))
                    .toList()),
            new Table(
                "Files with flaws: packets that do not decode, damaged frames",
                List.of("Video", "Corpus", "Flaws", "Frames"),
                check.rows().stream()
                    .filter(item -> item.file().info().warnings() > 0)
                    .map(CorpusPage::flawed)
                    .toList())));
  }

  private static List<String> flawed(Item item) {
    VideoInfo info = item.file().info();
    return List.of(
        item.id(),
        item.corpus(),
        NumberText.count(info.warnings()),
        NumberText.count(info.frames()));
  }

  private static String kind(Item item) {
    VideoInfo info = item.file().info();
    return item.file().readable()
        ? "%s, %d × %d".formatted(info.codec(), info.width(), info.height())
        : "none";
  }

  private static Table corpora(List<Item> rows) {
    Map<String, List<Item>> corpora =
        new TreeMap<>(rows.stream().collect(groupingBy(Item::corpus)));
    List<List<String>> lines = new ArrayList<>();
    corpora.forEach(
        (name, items) ->
            lines.add(
                List.of(
                    name,
                    NumberText.count(items.size()),
                    NumberText.count(items.stream().filter(i -> i.file().readable()).count()),
                    NumberText.count(items.stream().filter(i -> !i.file().readable()).count()),
                    NumberText.of(sum(items, i -> i.file().info().seconds()) / HOUR),
                    NumberText.count((long) sum(items, i -> i.file().info().frames())),
                    NumberText.of(sum(items, i -> i.file().bytes()) / GIGABYTE))));
    return new Table(
        "What each corpus asks for",
        List.of("Corpus", "Videos", "Give clips", "Give none", "Hours", "Frames", "GB"),
        lines);
  }

  private static double sum(List<Item> items, ToDoubleFunction<Item> of) {
    return items.stream().mapToDouble(of).sum();
  }

  private static Table ranges(List<Item> readable) {
    List<List<String>> lines = new ArrayList<>();
    if (!readable.isEmpty()) {
      lines.add(range("Seconds", readable, VideoInfo::seconds));
      lines.add(range("Frames", readable, VideoInfo::frames));
      lines.add(range("Frames per second", readable, VideoInfo::framesPerSecond));
      lines.add(range("Short side", readable, info -> Math.min(info.width(), info.height())));
    }
    return new Table(
        "Videos that give clips", List.of("", "Least", "Median", "Mean", "Most"), lines);
  }

  private static List<String> range(String name, List<Item> items, ToDoubleFunction<VideoInfo> of) {
    double[] values = items.stream().mapToDouble(i -> of.applyAsDouble(i.file().info())).toArray();
    Arrays.sort(values);
    double sum = Arrays.stream(values).sum();
    return List.of(
        name,
        NumberText.of(values[0]),
        NumberText.of(values[values.length / 2]),
        NumberText.of(sum / values.length),
        NumberText.of(values[values.length - 1]));
  }

  private static Table counted(String caption, List<Item> rows, Function<Item, String> key) {
    Map<String, Long> counts = rows.stream().collect(groupingBy(key, counting()));
    List<List<String>> lines =
        counts.entrySet().stream()
            .sorted(
                Map.Entry.<String, Long>comparingByValue()
                    .reversed()
                    .thenComparing(Map.Entry.comparingByKey()))
            .map(e -> List.of(e.getKey(), NumberText.count(e.getValue())))
            .toList();
    return new Table(caption, List.of("Kind", "Videos"), lines);
  }
}
