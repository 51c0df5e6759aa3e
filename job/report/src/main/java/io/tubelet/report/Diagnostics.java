package io.tubelet.report;

import io.tubelet.evaluate.Accuracy;
import io.tubelet.report.FineTuning.Evaluation;
import io.tubelet.report.FineTuning.Trained;
import io.tubelet.report.Part.Pretraining.Compared;
import io.tubelet.report.picture.NumberText;
import io.tubelet.train.RoundMetrics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Whether a run is as it should be, warnings first. Every check gives one line, so that a reader
 * sees what was checked and not only what was found.
 */
public record Diagnostics(List<Check> checks) implements Part {
  /** Rounds after the warm-up below which a loss says little. */
  private static final int FEWEST_ROUNDS = 20;

  /** Guessing the mean of every normalised cube scores 1; above this next to nothing was learnt. */
  private static final double NEXT_TO_NOTHING = 0.95;

  private static final double MOST_WAIT = 0.2;

  /** Training certainty minus test accuracy beyond which the model knows its clips by heart. */
  private static final double WIDEST_GAP = 0.35;

  public enum Verdict {
    WARNING,
    FINE,
    /** Not to be told yet. */
    UNKNOWN
  }

  /** What was checked and seen; the page says what it means, and what to do about a warning. */
  public record Check(String name, Verdict verdict, String seen) {
    private static Check of(String name, String seen, boolean warns) {
      return new Check(name, warns ? Verdict.WARNING : Verdict.FINE, seen);
    }
  }

  public List<Check> warnings() {
    return checks.stream().filter(check -> check.verdict == Verdict.WARNING).toList();
  }

  /** All checks that the parts of a report allow; of fine-tuned models, the first is checked. */
  public static Diagnostics of(RunReport report) {
    List<Check> checks = new ArrayList<>();
    report
        .part(Part.Pretraining.class)
        .ifPresent(
            part -> {
              checks.add(finite(part.rounds()));
              checks.add(learns(part));
              checks.add(isFed(part.rounds()));
            });
    report.part(FineTuning.class).stream()
        .flatMap(part -> part.models().stream())
        .filter(model -> model.evaluation().isPresent())
        .findFirst()
        .ifPresent(
            model -> {
              checks.add(beatsChance(model.evaluation().get()));
              checks.add(generalises(model, model.evaluation().get().accuracy().top1Share()));
            });
    checks.sort(Comparator.comparing(Check::verdict));
    return new Diagnostics(checks);
  }

  private static Check finite(List<RoundMetrics> rounds) {
    long lost = rounds.stream().filter(round -> !Double.isFinite(round.loss())).count();
    int rollbacks = rounds.stream().mapToInt(RoundMetrics::rollbacks).max().orElse(0);
    return Check.of(
        "Finite numbers",
        "%d rounds without a finite loss, %d steps skipped, %d rollbacks"
            .formatted(lost, rounds.stream().mapToInt(RoundMetrics::skipped).sum(), rollbacks),
        lost > 0 || rollbacks > 0);
  }

  /** Whether the loss has left what guessing scores. */
  private static Check learns(Part.Pretraining part) {
    double highest = part.rounds().stream().mapToDouble(RoundMetrics::learningRate).max().orElse(0);
    long warmup = part.rounds().stream().takeWhile(r -> r.learningRate() < highest).count();
    double[] losses = finiteLosses(part.rounds());
    if (losses.length < warmup + FEWEST_ROUNDS) {
      String seen = "%d rounds, of which %d warm up; some %d after the warm-up tell";
      return new Check(
          "Loss", Verdict.UNKNOWN, seen.formatted(part.rounds().size(), warmup, FEWEST_ROUNDS));
    }
    double first = median(losses, 0, 0.05);
    double last = median(losses, 0.9, 1);
    return Check.of(
        "Loss",
        "%s at the end, %s at the beginning".formatted(NumberText.of(last), NumberText.of(first)),
        (part.compared() == Compared.NORMALISED_CUBES ? last : last / first) > NEXT_TO_NOTHING);
  }

  private static double[] finiteLosses(List<RoundMetrics> rounds) {
    return rounds.stream().mapToDouble(RoundMetrics::loss).filter(Double::isFinite).toArray();
  }

  /** Median between two shares in [0, 1] of the length; at least one value counts. */
  private static double median(double[] values, double fromShare, double toShare) {
    int from = Math.min(values.length - 1, (int) (fromShare * values.length));
    int to = Math.max(from + 1, (int) (toShare * values.length));
    double[] part = Arrays.copyOfRange(values, from, to);
    Arrays.sort(part);
    return part[part.length / 2];
  }

  private static Check isFed(List<RoundMetrics> rounds) {
    if (rounds.size() < 3) {
      String seen = "%d rounds; some more tell".formatted(rounds.size());
      return new Check("Waiting for data", Verdict.UNKNOWN, seen);
    }
    double wait = 0;
    double all = 0;
    for (RoundMetrics round : rounds.subList(1, rounds.size())) { // the first opens files, engines
      wait += round.seconds().dataWait();
      all += round.seconds().dataWait() + round.seconds().compute() + round.seconds().average();
    }
    return Check.of(
        "Waiting for data",
        NumberText.percent(wait / all) + " of the time of a round",
        wait > MOST_WAIT * all);
  }

  private static Check beatsChance(Evaluation evaluation) {
    Accuracy accuracy = evaluation.accuracy();
    double chance = 1.0 / evaluation.classes().size();
    return Check.of(
        "Accuracy",
        "top-1 %s (95 %%: %s to %s), chance %s"
            .formatted(
                NumberText.percent(accuracy.top1Share()),
                NumberText.percent(accuracy.interval().low()),
                NumberText.percent(accuracy.interval().high()),
                NumberText.percent(chance)),
        accuracy.interval().low() <= chance);
  }

  private static Check generalises(Trained model, double accuracy) {
    double[] losses = finiteLosses(model.rounds());
    if (losses.length == 0) {
      return new Check("Overfitting", Verdict.UNKNOWN, "no training loss yet");
    }
    double certainty = Math.exp(-median(losses, 0.9, 1));
    return Check.of(
        "Overfitting",
        "training clips get their class with probability %s, test videos %s"
            .formatted(NumberText.percent(certainty), NumberText.percent(accuracy)),
        certainty - accuracy > WIDEST_GAP);
  }
}
