package io.tubelet.report;

import java.util.List;
import java.util.Locale;

/**
 * Answers to "is this normal?".
 *
 * @param findings what was looked at, in the order to show it
 */
public record Advice(List<Finding> findings) implements Part {

  /** How a check came out. */
  public enum Verdict {
    /** Something is most likely wrong. */
    WARNING("look at this"),
    /** As it should be. */
    FINE("normal"),
    /** The run says too little to tell. */
    UNKNOWN("cannot be told yet");

    private final String words;

    Verdict(String words) {
      this.words = words;
    }

    /** The class of the style sheet. */
    public String css() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** As the page says it. */
    public String words() {
      return words;
    }
  }

  /**
   * One check.
   *
   * @param check what was looked at: "Loss", "Gradient norm"
   * @param verdict how it came out
   * @param seen the figures
   * @param advice what they mean, and what to do if it is a warning
   */
  public record Finding(String check, Verdict verdict, String seen, String advice) {}

  /** Copies the list. */
  public Advice {
    findings = List.copyOf(findings);
  }

  /** Those that warn. */
  public List<Finding> warnings() {
    return findings.stream().filter(one -> one.verdict == Verdict.WARNING).toList();
  }

  @Override
  public String id() {
    return "advice";
  }

  @Override
  public String title() {
    return "Is this normal?";
  }
}
