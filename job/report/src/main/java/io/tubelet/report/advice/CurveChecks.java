package io.tubelet.report.advice;

import static io.tubelet.report.advice.Checkup.fine;
import static io.tubelet.report.advice.Checkup.unknown;
import static io.tubelet.report.advice.Checkup.warning;

import io.tubelet.report.Advice.Finding;
import io.tubelet.report.Pretraining;
import io.tubelet.report.Pretraining.Round;
import io.tubelet.report.chart.NumberText;

/**
 * What the curves of pretraining say.
 *
 * @param part the curves
 */
record CurveChecks(Pretraining part) {
  private static final String LOSS = "Loss";
  private static final String STEADY = "Steadiness";
  private static final String GRADIENT = "Gradient norm";
  private static final String WAIT = "Waiting for data";

  /** Rounds after the warm-up below which a curve says little. */
  private static final int FEWEST_ROUNDS = 20;

  /** Guessing the mean of every normalised cube scores 1; above this next to nothing was learnt. */
  private static final double NEXT_TO_NOTHING = 0.95;

  /** Real videos do not get here; a network that sees what it should predict does. */
  private static final double TOO_GOOD = 0.1;

  private static final double MOST_WAIT = 0.2;

  private Curve loss() {
    return Curve.of(part.rounds(), Round::loss);
  }

  /** Rounds until the learning rate is at its highest. */
  private long warmup() {
    double highest = part.rounds().stream().mapToDouble(Round::learningRate).max().orElse(0);
    return part.rounds().stream().takeWhile(round -> round.learningRate() < highest).count();
  }

  private boolean early() {
    return loss().size() < warmup() + FEWEST_ROUNDS;
  }

  private Finding tooEarly(String check) {
    return unknown(
        check,
        "%d rounds, of which %d warm up".formatted(part.rounds().size(), warmup()),
        "Some %d rounds after the warm-up tell.".formatted(FEWEST_ROUNDS));
  }

  /** Whether the loss has left what guessing scores. */
  Finding learns() {
    if (early()) {
      return tooEarly(LOSS);
    }
    double last = loss().last();
    double share = part.normalisedTarget() ? last : last / loss().median(0, 0.05);
    String seen =
        "%s at the end, %s at the beginning"
            .formatted(NumberText.of(last), NumberText.of(loss().median(0, 0.05)));
    if (share > NEXT_TO_NOTHING) {
      return warning(
          LOSS,
          seen,
          "Next to nothing was learnt. Usual reasons: a learning rate that is far too low or too"
              + " high, a warm-up as long as the run, cubes larger than what moves in the videos,"
              + " or too few epochs. Try pretrain.learning-rate, then smaller model.geometry.patch"
              + " or masking.ratio = 0.75.");
    }
    if (part.normalisedTarget() && share < TOO_GOOD) {
      return warning(
          LOSS,
          seen,
          "Too good to be true: hidden cubes can be copied from visible ones. Look for still"
              + " videos, and use masking.kind = tube with a ratio of 0.75 or more.");
    }
    return fine(
        LOSS,
        seen,
        "A fast fall and then a long plateau, near 0.6 with normalised targets, is what VideoMAE"
            + " does; the encoder goes on learning there.");
  }

  /** Whether the loss falls without jumping or turning round. */
  Finding isSteady() {
    long lost = part.rounds().stream().filter(round -> !Double.isFinite(round.loss())).count();
    if (lost > 0) {
      return warning(
          STEADY,
          lost + " rounds have no finite loss",
          "The run diverges: lower pretrain.learning-rate by a factor of 3 to 10, or warm up"
              + " longer.");
    }
    if (early()) {
      return tooEarly(STEADY);
    }
    double lowest = loss().lowestTenth();
    double last = loss().last();
    long spikes = loss().spikes(9, 1.3);
    double worst = loss().highest();
    String seen =
        "first %s, highest %s, lowest %s, last %s, %d jumps"
            .formatted(
                NumberText.of(loss().first()),
                NumberText.of(worst),
                NumberText.of(lowest),
                NumberText.of(last),
                spikes);
    boolean jumps = spikes >= Math.max(3, loss().size() / 50);
    if (jumps || last > 1.1 * lowest || worst > 1.5 * loss().first()) {
      return warning(
          STEADY,
          seen,
          "The learning rate is too high for this batch: the loss jumps, rises again or rose above where it started. Lower"
              + " pretrain.learning-rate (it is per 256 clips of a step), warm up longer, or average"
              + " more often.");
    }
    return fine(STEADY, seen, "It falls without jumps.");
  }

  /** Whether the gradient stays in proportion. */
  Finding hasBoundedGradients() {
    Curve norm = Curve.of(part.rounds(), Round::gradientNorm);
    if (early() || norm.size() < part.rounds().size() / 2) {
      return norm.size() < part.rounds().size() / 2
          ? unknown(GRADIENT, "not recorded", "This training master does not report it.")
          : tooEarly(GRADIENT);
    }
    double middle = norm.median(0.25, 0.5);
    double last = norm.median(0.75, 1);
    long spikes = norm.spikes(9, 30);
    String seen =
        "%s in the second quarter, %s in the last, %d jumps"
            .formatted(NumberText.of(middle), NumberText.of(last), spikes);
    if (last > 5 * middle || spikes > 0) {
      return warning(
          GRADIENT,
          seen,
          "Gradients explode. Lower the learning rate; if single jumps are the trouble, look at"
              + " the clips of those rounds.");
    }
    return fine(GRADIENT, seen, "It stays in proportion.");
  }

  /** Whether the engines wait for data. */
  Finding isFed() {
    double wait = part.rounds().stream().skip(1).mapToDouble(Round::waitSeconds).sum();
    double rest =
        part.rounds().stream()
            .skip(1) // the first one opens files and engines
            .mapToDouble(round -> round.computeSeconds() + round.averageSeconds())
            .sum();
    if (part.rounds().size() < 3) {
      return unknown(WAIT, part.rounds().size() + " rounds", "Some more rounds tell.");
    }
    String seen = NumberText.percent(wait / (wait + rest)) + " of the time of a round";
    return wait > MOST_WAIT * (wait + rest)
        ? warning(
            WAIT,
            seen,
            "Engines are idle while clips are read. Put the store on a faster or nearer disk, store"
                + " a smaller data.short-side, or give tasks more cores.")
        : fine(WAIT, seen, "Reading keeps up with the engines.");
  }
}
