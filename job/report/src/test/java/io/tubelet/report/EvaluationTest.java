package io.tubelet.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.evaluate.Accuracy;
import io.tubelet.report.FineTuning.Evaluation;
import java.util.List;
import org.junit.jupiter.api.Test;

class EvaluationTest {
  private static final Evaluation EVALUATION =
      evaluation(
          List.of("up", "down", "still"),
          SampleReport.accuracy(new int[][] {{3, 1, 0}, {2, 4, 0}, {0, 0, 0}}, 9));

  private static Evaluation evaluation(List<String> classes, Accuracy accuracy) {
    return new Evaluation("1 clip", classes, accuracy, 2, Gallery.mistakes(List.of()));
  }

  @Test
  void countsVideosFromTheMatrix() {
    assertThat(EVALUATION.asked()).isEqualTo(12);
    assertThat(EVALUATION.ofClass(1)).isEqualTo(6);
  }

  @Test
  void sharesARow() {
    assertThat(EVALUATION.share(0, 0)).isEqualTo(0.75);
    assertThat(EVALUATION.share(1, 0)).isEqualTo(2 / 6.0);
    assertThat(EVALUATION.share(2, 2)).isZero();
  }

  @Test
  void ordersMistakesByNumber() {
    assertThat(EVALUATION.commonest(5).rows())
        .containsExactly(List.of("down", "up", "2"), List.of("up", "down", "1"));
    assertThat(EVALUATION.commonest(1).rows()).hasSize(1);
  }
}
