package io.tubelet.report;

import java.util.List;

/**
 * The masked pretraining, round by round.
 *
 * @param rounds in order; none if the run ended before the first
 * @param normalisedTarget whether each cube's pixels are normalised before the loss, which says how
 *     to read the loss
 */
public record Pretraining(List<Round> rounds, boolean normalisedTarget) implements Part {

  /** Copies the rounds. */
  public Pretraining {
    rounds = List.copyOf(rounds);
  }

  /**
   * One round of averaging.
   *
   * @param number counts from the start of the run
   * @param loss mean over the round's samples; not finite if every step was skipped
   * @param learningRate of the round's last step
   * @param clipsPerSecond of all replicas together
   * @param gradientNorm before clipping
   * @param waitSeconds for data
   * @param computeSeconds in the engines
   * @param averageSeconds moving and averaging parameters
   */
  public record Round(
      long number,
      double loss,
      double learningRate,
      double clipsPerSecond,
      double gradientNorm,
      double waitSeconds,
      double computeSeconds,
      double averageSeconds) {}

  @Override
  public String id() {
    return "pretraining";
  }

  @Override
  public String title() {
    return "Pretraining";
  }

  /** The last loss that is finite; NaN if there is none. */
  public double finalLoss() {
    return rounds.stream()
        .mapToDouble(Round::loss)
        .filter(Double::isFinite)
        .reduce((earlier, later) -> later)
        .orElse(Double.NaN);
  }
}
