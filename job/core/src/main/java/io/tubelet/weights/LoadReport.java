package io.tubelet.weights;

import java.util.List;
import java.util.stream.Collectors;

/**
 * What became of every tensor of a file and of the network.
 *
 * @param lines one a key
 */
public record LoadReport(List<Line> lines) {
  /** Copies the lines. */
  public LoadReport {
    lines = List.copyOf(lines);
  }

  /** What became of a key. */
  public enum Fate {
    /** The network has its values. */
    TAKEN,
    /** The network does without, and computes the same. */
    IGNORED,
    /** Not in the file; first values were drawn. */
    DRAWN,
    /** Not in the file, and nothing can stand in for it. */
    MISSING,
    /** Of the file, and of no use to this network. */
    UNEXPECTED,
    /** Of another shape. */
    MISFIT;

    /** Whether the file cannot be used. */
    boolean fatal() {
      return this == MISSING || this == UNEXPECTED || this == MISFIT;
    }
  }

  /**
   * One key.
   *
   * @param key the file's, or the network's where the file has none
   * @param why for people
   */
  public record Line(String key, Fate fate, String why) {
    @Override
    public String toString() {
      return "%-10s %s%s".formatted(fate, key, why.isEmpty() ? "" : ": " + why);
    }
  }

  /** Whether every tensor has found its place. */
  public boolean usable() {
    return lines.stream().noneMatch(line -> line.fate.fatal());
  }

  /** How many keys met this fate. */
  public long count(Fate fate) {
    return lines.stream().filter(line -> line.fate == fate).count();
  }

  /** All lines, those that are in the way first. */
  public String text() {
    return lines.stream()
        .sorted((a, b) -> Boolean.compare(b.fate.fatal(), a.fate.fatal()))
        .map(Line::toString)
        .collect(Collectors.joining("\n", "", "\n"));
  }

  /** Counts, and the first key that is in the way, in one line. */
  public String summary() {
    String counts =
        List.of(Fate.values()).stream()
            .filter(fate -> count(fate) > 0)
            .map(fate -> count(fate) + " " + fate.name().toLowerCase(java.util.Locale.ROOT))
            .collect(Collectors.joining(", "));
    return lines.stream()
        .filter(line -> line.fate.fatal())
        .findFirst()
        .map(line -> counts + "; first: " + line.toString().replaceAll(" +", " "))
        .orElse(counts);
  }
}
