package io.tubelet.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.Task;
import io.tubelet.model.Transformer;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DropPathTest {
  private static final int DEPTH = 12;
  private static final ModelSpec MODEL =
      new ModelSpec(
          new ClipGeometry(2, 8, 8, 2, 4),
          new Transformer(6, DEPTH, 3, 4),
          new Task.Classification(3));
  private static final List<String> SAMPLES =
      IntStream.range(0, 4000).mapToObj(i -> "clip" + i).toList();

  @Test
  void ratesRiseLinearlyFromZeroToTheHighest() {
    DropPath dropping = new DropPath(0.2, 0);
    assertThat(dropping.rate(0, DEPTH)).isZero();
    assertThat(dropping.rate(5, DEPTH)).isCloseTo(0.2 * 5 / 11, within(1e-15));
    assertThat(dropping.rate(11, DEPTH)).isEqualTo(0.2);
    assertThat(dropping.rate(0, 1)).isEqualTo(0.2);
  }

  @Test
  void factorsAreZeroAsOftenAsTheRateSaysAndKeepTheMean() {
    DropPath dropping = new DropPath(0.4, 0.25);
    float[] factors = dropping.factors(3, SAMPLES, MODEL);
    int columns = 2 * DEPTH + 6;
    assertThat(factors).hasSize(SAMPLES.size() * columns);
    for (int column = 0; column < columns; column++) {
      double rate = column < 2 * DEPTH ? dropping.rate(column / 2, DEPTH) : 0.25;
      int zeros = 0;
      double sum = 0;
      for (int row = 0; row < SAMPLES.size(); row++) {
        float factor = factors[row * columns + column];
        zeros += factor == 0 ? 1 : 0;
        sum += factor;
        assertThat(factor).isIn(0f, (float) (1 / (1 - rate)));
      }
      assertThat((double) zeros / SAMPLES.size()).isCloseTo(rate, within(0.03));
      assertThat(sum / SAMPLES.size()).isCloseTo(1, within(0.05));
    }
  }

  @Test
  void aSamplesFactorsDependOnItsNameAndTheSeedAlone() {
    DropPath dropping = new DropPath(0.5, 0.5);
    float[] two = dropping.factors(3, List.of("a", "b"), MODEL);
    float[] swapped = dropping.factors(3, List.of("b", "a"), MODEL);
    int columns = two.length / 2;
    for (int column = 0; column < columns; column++) {
      assertThat(swapped[columns + column]).isEqualTo(two[column]);
    }
    assertThat(dropping.factors(4, List.of("a", "b"), MODEL)).isNotEqualTo(two);
  }

  @Test
  void leavesNothingOutUnlessAsked() {
    assertThat(DropPath.NONE.active()).isFalse();
  }
}
