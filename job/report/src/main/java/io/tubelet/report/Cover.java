package io.tubelet.report;

import java.time.Instant;
import java.util.List;

/**
 * What the run is, and how to run it again. Blank texts are left out of the page.
 *
 * @param title of the page
 * @param when the run ended or the report was asked for; shown in UTC to the second
 * @param summary one sentence: the result
 * @param command what was typed
 * @param environment machine, versions, sizes, in the order to show them
 * @param cost time and clips that it took, in the order to show them
 */
public record Cover(
    String title,
    Instant when,
    String summary,
    String command,
    List<Fact> environment,
    List<Fact> cost) {

  /** Copies the facts. */
  public Cover {
    environment = List.copyOf(environment);
    cost = List.copyOf(cost);
  }

  /** Whether there is anything on how it was run. */
  public boolean reproducible() {
    return !command.isBlank() || !environment.isEmpty() || !cost.isEmpty();
  }

  /** A row of the environment. */
  public record Fact(String name, String value) {}
}
