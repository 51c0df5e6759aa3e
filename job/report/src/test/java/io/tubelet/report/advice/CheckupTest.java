package io.tubelet.report.advice;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.report.Advice;
import io.tubelet.report.Advice.Finding;
import io.tubelet.report.ConfusionMatrix;
import io.tubelet.report.Cover;
import io.tubelet.report.DataHealth;
import io.tubelet.report.EmbeddingMap;
import io.tubelet.report.Evaluation;
import io.tubelet.report.FineTuning;
import io.tubelet.report.Pretraining;
import io.tubelet.report.Pretraining.Round;
import io.tubelet.report.RunReport;
import io.tubelet.report.chart.Point;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A run as it should be, and the same run with one mistake each. */
class CheckupTest {
  private static final int ROUNDS = 200;
  private static final List<Double> MEAN = List.of(0.485, 0.456, 0.406);
  private static final List<Double> DEVIATION = List.of(0.229, 0.224, 0.225);
  private static final Setup SETUP = new Setup(0.9, MEAN, DEVIATION);

  /** Falls fast, then stays near 0.6, with the noise of minibatches. */
  private static double goodLoss(double round) {
    return 0.6 + 0.45 * Math.exp(-round / 25) + 0.01 * Math.sin(7 * round);
  }

  private static Round round(int i, double loss, double norm, double wait) {
    return new Round(i, loss, 1e-3, 200, norm, wait, 3, 0.3);
  }

  private static Pretraining pretraining(IntFunction<Round> rounds) {
    return new Pretraining(IntStream.range(0, ROUNDS).mapToObj(rounds).toList(), true);
  }

  private static Pretraining losing(DoubleUnaryOperator loss) {
    return pretraining(i -> round(i, loss.applyAsDouble(i), norm(i), 0.05));
  }

  private static double norm(int round) {
    return 0.5 + 2 * Math.exp(-round / 10.0);
  }

  private static FineTuning fineTuning(double loss, int right) {
    int[][] counts = new int[4][4];
    for (int k = 0; k < 4; k++) {
      counts[k][k] = right;
      counts[k][(k + 1) % 4] = 20 - right;
    }
    ConfusionMatrix confusion = ConfusionMatrix.of(List.of("a", "b", "c", "d"), counts);
    List<Point> curve =
        IntStream.range(0, 50)
            .mapToObj(i -> new Point(i, loss + (1.4 - loss) * Math.exp(-i / 10.0)))
            .toList();
    Evaluation evaluation = new Evaluation("1", confusion, 80, 5, 0, List.of());
    return new FineTuning(
        "", List.of(new FineTuning.Trained("pretrained", curve, Optional.of(evaluation))));
  }

  private static DataHealth data(int broken) {
    return new DataHealth(
        100, 100, Collections.nCopies(broken, new DataHealth.Quarantined("a", "TOO_SHORT", "")));
  }

  private static EmbeddingMap features(float size) {
    return EmbeddingMap.of(
        IntStream.range(0, 20)
            .mapToObj(
                i ->
                    new EmbeddingMap.Features(
                        "" + i, "", new float[] {1 + size * (i % 3), 2 - size * i / 20}))
            .toList());
  }

  private static RunReport run(Pretraining pretraining) {
    return run(pretraining, features(0.5f), fineTuning(0.3, 14), data(1));
  }

  private static RunReport run(
      Pretraining pretraining, EmbeddingMap features, FineTuning fineTuning, DataHealth data) {
    Cover cover = new Cover("", Instant.EPOCH, "", "", List.of(), List.of());
    return RunReport.of(cover).with(pretraining).with(features).with(fineTuning).with(data);
  }

  private static final Pretraining GOOD = losing(CheckupTest::goodLoss);

  private static List<String> warnings(RunReport report, Setup setup) {
    return Checkup.of(report, setup).warnings().stream().map(Finding::check).toList();
  }

  private static List<String> warnings(RunReport report) {
    return warnings(report, SETUP);
  }

  @Test
  void findsNothingWrongWithAGoodRun() {
    Advice advice = Checkup.of(run(GOOD), SETUP);
    assertThat(advice.warnings()).isEmpty();
    assertThat(advice.findings())
        .hasSize(10)
        .allMatch(finding -> finding.verdict() == Advice.Verdict.FINE);
  }

  @Test
  void seesThatNothingWasLearnt() {
    assertThat(warnings(run(losing(i -> 1.0 + 0.01 * Math.sin(i))))).containsExactly("Loss");
  }

  @Test
  void seesThatHiddenCubesCanBeCopied() {
    assertThat(warnings(run(losing(i -> 0.03 + Math.exp(-i / 20.0))))).containsExactly("Loss");
  }

  @Test
  void seesAnInvertedMask() {
    assertThat(warnings(run(GOOD), new Setup(0.1, MEAN, DEVIATION))).containsExactly("Mask");
  }

  @Test
  void seesSwappedMeanAndDeviation() {
    List<Finding> found = Checkup.of(run(GOOD), new Setup(0.9, DEVIATION, MEAN)).warnings();
    assertThat(found).singleElement().extracting(Finding::advice).asString().contains("swapped");
    Setup other = new Setup(0.9, List.of(0.5, 0.5, 0.5), List.of(0.5, 0.5, 0.5));
    assertThat(warnings(run(GOOD), other)).containsExactly("Pixel statistics");
  }

  @Test
  void seesARateThatIsTooHigh() {
    DoubleUnaryOperator turns = i -> goodLoss(i) + Math.max(0, i - 120) * 0.004;
    assertThat(warnings(run(losing(turns)))).containsExactly("Steadiness");
    DoubleUnaryOperator jumps = i -> goodLoss(i) * (i > 20 && i % 25 == 0 ? 1.8 : 1);
    assertThat(warnings(run(losing(jumps)))).containsExactly("Steadiness");
    DoubleUnaryOperator bursts = i -> i > 1 && i < 9 ? 9 : goodLoss(i);
    assertThat(warnings(run(losing(bursts)))).containsExactly("Steadiness");
    DoubleUnaryOperator lost = i -> i == 150 ? Double.NaN : goodLoss(i);
    assertThat(warnings(run(losing(lost)))).containsExactly("Steadiness");
  }

  @Test
  void seesExplodingGradients() {
    Pretraining part =
        pretraining(i -> round(i, goodLoss(i), i < 140 ? norm(i) : norm(i) * (i - 100), 0.05));
    assertThat(warnings(run(part))).containsExactly("Gradient norm");
  }

  @Test
  void seesEnginesThatWaitForData() {
    Pretraining part = pretraining(i -> round(i, goodLoss(i), norm(i), 1.5));
    assertThat(warnings(run(part))).containsExactly("Waiting for data");
  }

  @Test
  void seesDeadFeatures() {
    assertThat(warnings(run(GOOD, features(1e-6f), fineTuning(0.3, 14), data(1))))
        .containsExactly("Features");
  }

  @Test
  void seesThatManyVideosAreBroken() {
    assertThat(warnings(run(GOOD, features(0.5f), fineTuning(0.3, 14), data(12))))
        .containsExactly("Broken videos");
  }

  @Test
  void seesOverfittingAndGuessing() {
    assertThat(warnings(run(GOOD, features(0.5f), fineTuning(0.01, 9), data(1))))
        .containsExactly("Overfitting");
    assertThat(warnings(run(GOOD, features(0.5f), fineTuning(1.2, 6), data(1))))
        .containsExactly("Accuracy");
  }

  @Test
  void doesNotJudgeAfterAFewRounds() {
    Pretraining few = new Pretraining(GOOD.rounds().subList(0, 15), true);
    Advice advice = Checkup.of(run(few), SETUP);
    assertThat(advice.warnings()).isEmpty();
    assertThat(advice.findings())
        .filteredOn(finding -> finding.verdict() == Advice.Verdict.UNKNOWN)
        .extracting(Finding::check)
        .containsExactly("Loss", "Steadiness", "Gradient norm");
  }
}
