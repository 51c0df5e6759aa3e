package io.tubelet.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tubelet.evaluate.Accuracy.Interval;
import java.util.List;
import org.junit.jupiter.api.Test;

class AccuracyTest {

  @Test
  void averagesProbabilitiesNotScores() {
    MultiView votes = new MultiView();
    // one view shouts for class 0, two views whisper for class 1
    votes.add("v", 1, new float[] {100, 0});
    votes.add("v", 1, new float[] {0, 2});
    votes.add("v", 1, new float[] {0, 2});
    Accuracy accuracy = votes.accuracy(2, 1);
    assertThat(accuracy.videos()).isEqualTo(1);
    assertThat(accuracy.top1()).isEqualTo(1);
  }

  @Test
  void countsTopKAndConfusion() {
    MultiView votes = new MultiView();
    votes.add("a", 0, new float[] {3, 2, 1});
    votes.add("b", 1, new float[] {3, 2, 1});
    votes.add("c", 2, new float[] {3, 2, 1});
    Accuracy accuracy = votes.accuracy(3, 2);
    assertThat(accuracy.top1Share()).isEqualTo(1.0 / 3);
    assertThat(accuracy.topKShare()).isEqualTo(2.0 / 3);
    assertThat(accuracy.confusion()).isDeepEqualTo(new int[][] {{1, 0, 0}, {1, 0, 0}, {1, 0, 0}});
  }

  /** Two classes; the videos that are classified correctly, as 1 or 0 each. */
  private static Accuracy of(String right) {
    MultiView votes = new MultiView();
    for (int i = right.length() - 1; i >= 0; i--) { // in any order
      votes.add("video " + i, 0, new float[] {right.charAt(i), '0' + 0.5f});
    }
    return votes.accuracy(2, 1);
  }

  @Test
  void testsTwoModelsOnTheVideosThatTheyDoNotAgreeOn() {
    assertThat(of("01101").right()).isEqualTo("01101");
    // five against one of six: 2 (1 + 6) / 64
    assertThat(of("1111100").mcNemar(of("0000010"))).isCloseTo(0.21875, within(1e-12));
    assertThat(of("0000010").mcNemar(of("1111100"))).isCloseTo(0.21875, within(1e-12));
    assertThat(of("10").mcNemar(of("01"))).isEqualTo(1);
    assertThat(of("10").mcNemar(of("10"))).isEqualTo(1);
    assertThat(of("10").mcNemar(of("101"))).isNaN();
  }

  @Test
  void takesTheFoldsOfACrossValidationTogether() {
    Accuracy pooled = Accuracy.pooled(List.of(of("011"), of("10")));
    assertThat(pooled.confusion()).isDeepEqualTo(new int[][] {{3, 2}, {0, 0}});
    assertThat(pooled)
        .usingRecursiveComparison()
        .ignoringFields("mistakes") // each fold names its own
        .isEqualTo(of("01110"));
    assertThat(pooled.mistakes()).extracting(Accuracy.Mistake::video).hasSize(2);
    assertThat(pooled.mcNemar(of("01100"))).isEqualTo(1);
  }

  @Test
  void namesAVideoForEachPairThatIsMistakenTheCommonestFirst() {
    MultiView votes = new MultiView();
    votes.add("a", 0, new float[] {1, 3, 2});
    votes.add("b", 2, new float[] {3, 2, 1});
    votes.add("c", 2, new float[] {3, 2, 1});
    votes.add("d", 1, new float[] {1, 2, 1});
    assertThat(votes.accuracy(3, 1).mistakes())
        .containsExactly(new Accuracy.Mistake("b", 2, 0), new Accuracy.Mistake("a", 0, 1));
  }

  @Test
  void breaksTiesTowardsTheLowerClassInEveryCount() {
    MultiView votes = new MultiView();
    votes.add("a", 0, new float[] {1, 1, 1});
    votes.add("b", 1, new float[] {1, 1, 1});
    votes.add("c", 2, new float[] {1, 1, 1});
    votes.add("d", 2, new float[] {0, 2, 2});
    Accuracy accuracy = votes.accuracy(3, 2);
    assertThat(accuracy.top1()).isEqualTo(1);
    assertThat(accuracy.topK()).isEqualTo(3);
    assertThat(accuracy.confusion()).isDeepEqualTo(new int[][] {{1, 0, 0}, {1, 0, 0}, {1, 1, 0}});
    assertThat(accuracy.mistakes())
        .extracting(Accuracy.Mistake::prediction)
        .containsExactlyInAnyOrder(0, 0, 1);
  }

  @Test
  void mergesAsIfAddedInOnePlace() {
    MultiView left = new MultiView();
    left.add("a", 0, new float[] {1, 0});
    MultiView right = new MultiView();
    right.add("b", 1, new float[] {1, 0});
    assertThat(left.merge(right).accuracy(2, 1).videos()).isEqualTo(2);
  }

  @Test
  void isThatOfTheBinomialDistribution() {
    // 2.5 % and 97.5 % quantiles of Binomial(100, 0.7) are 61 and 79
    Interval interval = Interval.bootstrap(70, 100);
    assertThat(interval.low()).isCloseTo(0.61, within(0.011));
    assertThat(interval.high()).isCloseTo(0.79, within(0.011));
    assertThat(Interval.bootstrap(70, 100)).isEqualTo(interval);
  }

  @Test
  void narrowsWithMoreVideosAndHasNoWidthWhereAllAreRight() {
    Interval few = Interval.bootstrap(7, 10);
    Interval many = Interval.bootstrap(700, 1000);
    assertThat(many.high() - many.low()).isLessThan((few.high() - few.low()) / 5);
    assertThat(Interval.bootstrap(10, 10)).isEqualTo(new Interval(1, 1));
    assertThat(Interval.bootstrap(0, 0)).isEqualTo(new Interval(0, 1));
  }

  @Test
  void spansTheMeanOfAFewValuesByStudentsDistribution() {
    // 1, 2, 3: mean 2, s = 1, t = 4.303 with two degrees of freedom
    Interval interval = Interval.ofMean(List.of(1.0, 2.0, 3.0));
    assertThat(interval.low()).isCloseTo(2 - 4.303 / Math.sqrt(3), within(1e-12));
    assertThat(interval.high()).isCloseTo(2 + 4.303 / Math.sqrt(3), within(1e-12));
    assertThat(Interval.ofMean(List.of(1.0)).low()).isNaN();
  }
}
