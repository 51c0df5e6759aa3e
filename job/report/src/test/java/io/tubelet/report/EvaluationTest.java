package io.tubelet.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tubelet.evaluation.Interval;
import java.util.List;
import org.junit.jupiter.api.Test;

class EvaluationTest {
  private static final ConfusionMatrix CONFUSION =
      ConfusionMatrix.of(
          List.of("up", "down", "still"), new int[][] {{3, 1, 0}, {2, 4, 0}, {0, 0, 0}});

  @Test
  void countsVideosFromTheMatrix() {
    Evaluation evaluation = new Evaluation("1 clip", CONFUSION, 9, 5, 2, List.of());

    assertThat(evaluation.evaluated()).isEqualTo(10);
    assertThat(evaluation.topOne()).isEqualTo(0.7);
    assertThat(evaluation.topK()).isEqualTo(0.9);
    assertThat(evaluation.topOneInterval()).isEqualTo(Interval.bootstrap(7, 10));
  }

  @Test
  void sharesARow() {
    assertThat(CONFUSION.share(0, 0)).isEqualTo(0.75);
    assertThat(CONFUSION.share(1, 0)).isEqualTo(2 / 6.0);
    assertThat(CONFUSION.share(2, 2)).isZero();
  }

  @Test
  void ordersMistakesByNumber() {
    assertThat(CONFUSION.mistakes(5))
        .containsExactly(
            new ConfusionMatrix.Mistake("down", "up", 2),
            new ConfusionMatrix.Mistake("up", "down", 1));
    assertThat(CONFUSION.mistakes(1)).hasSize(1);
  }

  @Test
  void rejectsFewerRightAmongTheBestThanAtOnce() {
    assertThatThrownBy(() -> new Evaluation("1 clip", CONFUSION, 6, 5, 0, List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("6 right among the 5 best, but 7 right at once of 10 videos");
  }

  @Test
  void rejectsCountsThatAreNotSquare() {
    assertThatThrownBy(() -> ConfusionMatrix.of(List.of("a", "b"), new int[][] {{1, 2}, {3}}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("2 classes need 2 x 2 counts, not rows of [2, 1]");
  }
}
