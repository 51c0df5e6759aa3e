package io.tubelet.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.report.Diagnostics.Check;
import io.tubelet.report.Diagnostics.Verdict;
import io.tubelet.report.FineTuning.Evaluation;
import io.tubelet.report.Part.Pretraining;
import io.tubelet.report.Part.Pretraining.Compared;
import io.tubelet.report.RunReport.Cover;
import io.tubelet.train.RoundMetrics;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A run as it should be, and the same run with one mistake each. */
class DiagnosticsTest {
  private static final Pretraining GOOD = losing(DiagnosticsTest::goodLoss);

  /** Falls fast, then stays near 0.6, with the noise of minibatches. */
  private static double goodLoss(double round) {
    return 0.6 + 0.45 * Math.exp(-round / 25) + 0.01 * Math.sin(7 * round);
  }

  private static Pretraining losing(DoubleUnaryOperator loss) {
    return pretraining(i -> SampleReport.round(i, loss.applyAsDouble(i), 1e-3, 1, 0.05));
  }

  private static Pretraining pretraining(IntFunction<RoundMetrics> rounds) {
    return new Pretraining(
        IntStream.range(0, 200).mapToObj(rounds).toList(), Compared.NORMALISED_CUBES);
  }

  private static FineTuning fineTuning(double loss, int right) {
    int[][] counts = new int[4][4];
    for (int k = 0; k < 4; k++) {
      counts[k][k] = right;
      counts[k][(k + 1) % 4] = 20 - right;
    }
    List<RoundMetrics> rounds =
        IntStream.range(0, 50)
            .mapToObj(
                i ->
                    SampleReport.round(i, loss + (1.4 - loss) * Math.exp(-i / 10.0), 1e-3, 1, 0.05))
            .toList();
    Evaluation evaluation =
        new Evaluation(
            "1",
            List.of("a", "b", "c", "d"),
            SampleReport.accuracy(counts, 80),
            0,
            Gallery.mistakes(List.of()));
    return new FineTuning(
        "", "", List.of(new FineTuning.Trained("pretrained", rounds, Optional.of(evaluation))));
  }

  private static Diagnostics run(Pretraining pretraining, FineTuning fineTuning) {
    Cover cover = new Cover("", Instant.EPOCH, "", "", List.of(), List.of());
    return Diagnostics.of(RunReport.of(cover).with(pretraining).with(fineTuning));
  }

  private static Diagnostics run(Pretraining pretraining) {
    return run(pretraining, fineTuning(0.3, 14));
  }

  private static List<String> warnings(Diagnostics diagnostics) {
    return diagnostics.warnings().stream().map(Check::name).toList();
  }

  @Test
  void findsNothingWrongWithAGoodRun() {
    assertThat(run(GOOD).warnings()).isEmpty();
    assertThat(run(GOOD).checks()).hasSize(5).allMatch(check -> check.verdict() == Verdict.FINE);
  }

  @Test
  void seesThatNothingWasLearnt() {
    assertThat(warnings(run(losing(i -> 1.0 + 0.01 * Math.sin(i))))).containsExactly("Loss");
  }

  @Test
  void seesLossesThatAreNotFiniteAndRollbacks() {
    DoubleUnaryOperator lost = i -> i == 150 ? Double.NaN : goodLoss(i);
    assertThat(warnings(run(losing(lost)))).containsExactly("Finite numbers");
    RoundMetrics last = GOOD.rounds().get(199);
    Pretraining rolledBack =
        pretraining(
            i ->
                i < 199
                    ? GOOD.rounds().get(i)
                    : new RoundMetrics(
                        i, 9, 200, 0.6, 1e-3, 1, 3, 1, 0, 200, last.seconds(), null));
    assertThat(run(rolledBack).warnings())
        .extracting(Check::seen)
        .containsExactly("0 rounds without a finite loss, 3 steps skipped, 1 rollbacks");
  }

  @Test
  void seesEnginesThatWaitForData() {
    Pretraining part = pretraining(i -> SampleReport.round(i, goodLoss(i), 1e-3, 1, 1.5));
    assertThat(warnings(run(part))).containsExactly("Waiting for data");
  }

  @Test
  void seesOverfittingAndGuessing() {
    assertThat(warnings(run(GOOD, fineTuning(0.01, 9)))).containsExactly("Overfitting");
    assertThat(warnings(run(GOOD, fineTuning(1.2, 6)))).containsExactly("Accuracy");
  }

  @Test
  void doesNotJudgeALossAfterAFewRounds() {
    Diagnostics few = run(new Pretraining(GOOD.rounds().subList(0, 15), Compared.NORMALISED_CUBES));
    assertThat(few.warnings()).isEmpty();
    assertThat(few.checks())
        .filteredOn(check -> check.verdict() == Verdict.UNKNOWN)
        .extracting(Check::name)
        .containsExactly("Loss");
  }
}
