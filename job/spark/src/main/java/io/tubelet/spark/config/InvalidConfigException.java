package io.tubelet.spark.config;

import java.io.Serializable;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The configuration cannot be used. The message lists every problem, one a line. */
public final class InvalidConfigException extends RuntimeException {

  /**
   * One thing that is wrong.
   *
   * @param key the full key; empty if the text could not be read as far as keys
   * @param origin file and line, or "command line"; empty if the message says it
   * @param message what was expected and what was found
   */
  public record Problem(String key, String origin, String message) implements Serializable {
    @Override
    public String toString() {
      return Stream.of(origin, key, message)
          .filter(part -> !part.isEmpty())
          .collect(Collectors.joining(": "));
    }
  }

  private final List<Problem> problems;

  InvalidConfigException(List<Problem> problems) {
    super(text(problems));
    this.problems = List.copyOf(problems);
  }

  private static String text(List<Problem> problems) {
    String count = problems.size() == 1 ? "a problem" : problems.size() + " problems";
    return problems.stream()
        .map(problem -> "\n  " + problem)
        .collect(Collectors.joining("", count + " in the configuration:", ""));
  }

  public List<Problem> problems() {
    return problems;
  }
}
