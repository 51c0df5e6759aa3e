package io.tubelet.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class NeighboursTest {
  private static final List<float[]> EXAMPLES =
      List.of(
          new float[] {1, 0}, new float[] {0, 2}, new float[] {0.6f, 0.8f}, new float[] {-1, 0});
  private static final int[] LABELS = {0, 1, 2, 2};

  @Test
  void weighsTheNearestByTheirCosines() {
    float[] scores = new Neighbours(EXAMPLES, LABELS, 3, 2).scores(new float[] {0, 5});
    // cosines 0, 1, 0.8, 0: the second and third vote
    double second = 1;
    double third = Math.exp(-0.2 / 0.07);
    assertThat(Math.exp(scores[1])).isCloseTo(second / (second + third), within(1e-6));
    assertThat(Math.exp(scores[2])).isCloseTo(third / (second + third), within(1e-6));
    assertThat(Math.exp(scores[0])).isLessThan(1e-11);
  }

  @Test
  void lengthsDoNotCount() {
    Neighbours one = new Neighbours(EXAMPLES, LABELS, 3, 1);
    assertThat(one.scores(new float[] {100, 1})).isEqualTo(one.scores(new float[] {0.1f, 0.001f}));
    assertThat(one.scores(new float[] {100, 1})[0]).isZero();
  }

  @Test
  void allVoteWhereThereAreFewerThanAsked() {
    assertThat(new Neighbours(EXAMPLES, LABELS, 3, 99).scores(new float[] {1, 0}))
        .isEqualTo(new Neighbours(EXAMPLES, LABELS, 3, 4).scores(new float[] {1, 0}));
  }

  @Test
  void refusesExamplesWithoutLabels() {
    assertThatThrownBy(() -> new Neighbours(EXAMPLES, new int[] {1}, 3, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("4 examples with 1 labels");
  }
}
