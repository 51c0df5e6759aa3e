package io.tubelet.report;

import static java.util.Map.Entry.comparingByKey;
import static java.util.Map.Entry.comparingByValue;
import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;

import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * What was read, and what could not be.
 *
 * @param videos sources that gave at least one clip
 * @param clips that these gave
 * @param quarantine sources that gave none
 */
public record DataHealth(long videos, long clips, List<Quarantined> quarantine) implements Part {

  /** Copies the list. */
  public DataHealth {
    quarantine = List.copyOf(quarantine);
  }

  /**
   * A source that gave no clip.
   *
   * @param path relative to its corpus
   * @param reason one of few kinds
   * @param detail what the decoder said
   */
  public record Quarantined(String path, String reason, String detail) {}

  /** Sources that the lists ask for. */
  public long asked() {
    return videos + quarantine.size();
  }

  @Override
  public String id() {
    return "data";
  }

  @Override
  public String title() {
    return "Data";
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
