package io.tubelet.spark.stage;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;

import io.tubelet.report.Part.Tables;
import io.tubelet.report.Part.Tables.Table;
import io.tubelet.report.picture.NumberText;
import io.tubelet.spark.stage.CorpusCheck.Item;
import io.tubelet.video.Decoded.VideoInfo;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/** What {@code doctor --data} found, as a section of a page. */
final class CorpusPage {
  private static final double GIGABYTE = 1e9;
  private static final double HOUR = 3600;
  private static final Predicate<Item> READABLE = item -> item.file().readable();

  private CorpusPage() {}

  static Tables of(CorpusCheck check, double failureBudget) {
    String lead =
        "%s. data.failure-budget lets %s of a corpus give none."
            .formatted(check.sentence(), NumberText.percent(failureBudget));
    List<Item> all = check.rows();
    List<Item> faults = all.stream().filter(READABLE.negate()).toList();
    return new Tables(
        "Corpus",
        lead,
        List.of(
            corpora(all),
            ranges(all.stream().filter(READABLE).map(item -> item.file().info()).toList()),
            counted("Codecs and sizes", all, CorpusPage::kind),
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
                all.stream()
                    .filter(Item::duplicate)
                    .map(item -> List.of(item.id(), item.corpus(), item.sameAs()))
                    .toList()),
            new Table(
                "Files with flaws: packets that do not decode, damaged frames",
                List.of("Video", "Corpus", "Flaws", "Frames"),
                all.stream()
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
    return READABLE.test(item)
        ? "%s, %d × %d".formatted(info.codec(), info.width(), info.height())
        : "none";
  }

  private static Table corpora(List<Item> rows) {
    return new Table(
        "What each corpus asks for",
        List.of("Corpus", "Videos", "Give clips", "Give none", "Hours", "Frames", "GB"),
        new TreeMap<>(rows.stream().collect(groupingBy(Item::corpus)))
            .entrySet().stream().map(e -> corpus(e.getKey(), e.getValue())).toList());
  }

  private static List<String> corpus(String name, List<Item> items) {
    long readable = items.stream().filter(READABLE).count();
    return List.of(
        name,
        NumberText.count(items.size()),
        NumberText.count(readable),
        NumberText.count(items.size() - readable),
        NumberText.of(items.stream().mapToDouble(i -> i.file().info().seconds()).sum() / HOUR),
        NumberText.count(items.stream().mapToLong(i -> i.file().info().frames()).sum()),
        NumberText.of(items.stream().mapToDouble(i -> i.file().bytes()).sum() / GIGABYTE));
  }

  private static Table ranges(List<VideoInfo> readable) {
    List<List<String>> rows =
        readable.isEmpty()
            ? List.of()
            : List.of(
                range("Seconds", readable, VideoInfo::seconds),
                range("Frames", readable, VideoInfo::frames),
                range("Frames per second", readable, VideoInfo::framesPerSecond),
                range("Short side", readable, info -> Math.min(info.width(), info.height())));
    return new Table(
        "Videos that give clips", List.of("", "Least", "Median", "Mean", "Most"), rows);
  }

  private static List<String> range(
      String name, List<VideoInfo> videos, ToDoubleFunction<VideoInfo> of) {
    double[] values = videos.stream().mapToDouble(of).sorted().toArray();
    return List.of(
        name,
        NumberText.of(values[0]),
        NumberText.of(values[values.length / 2]),
        NumberText.of(Arrays.stream(values).average().orElseThrow()),
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
