package io.tubelet.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.clip.SampleSeed;
import io.tubelet.train.OuterStep.Average;
import io.tubelet.train.OuterStep.Ema;
import io.tubelet.train.OuterStep.Nesterov;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class OuterStepTest {
  private static float[] of(float... values) {
    return values;
  }

  @Test
  void averageLeavesTheMean() {
    float[] mean = of(3, -0f);
    new Average().apply(of(1, 2), mean, of(), 1);
    assertThat(mean).containsExactly(3, -0f);
    assertThat(new Average().hasMomentum()).isFalse();
  }

  @Test
  void nesterovLooksAhead() {
    // delta = 1; v = 0.5 * 2 + 1 = 2; w = 4 - 0.25 * (1 + 0.5 * 2) = 3.5
    float[] mean = of(3);
    float[] momentum = of(2);
    new Nesterov(0.25, 0.5).apply(of(4), mean, momentum, 1);
    assertThat(momentum).containsExactly(2);
    assertThat(mean).containsExactly(3.5f);
    // delta = 1; v = 0.5 * 6 + 1 = 4; w = 4 - 0.25 * (1 + 0.5 * 4) = 3.25
    mean = of(3);
    momentum = of(6);
    new Nesterov(0.25, 0.5).apply(of(4), mean, momentum, 1);
    assertThat(mean).containsExactly(3.25f);
  }

  @Test
  void rateOneWithoutMomentumIsTheMeanBitByBit() {
    RandomGenerator random = SampleSeed.of(1, 0, "outer");
    float[] before = new float[10_000];
    float[] mean = new float[before.length];
    for (int i = 0; i < mean.length; i++) {
      before[i] = (float) (random.nextGaussian() * Math.pow(10, random.nextInt(-30, 30)));
      mean[i] = (float) (random.nextGaussian() * Math.pow(10, random.nextInt(-30, 30)));
    }
    mean[0] = -0f;
    float[] after = mean.clone();
    new Nesterov(1, 0).apply(before, after, new float[mean.length], 1);
    for (int i = 0; i < mean.length; i++) {
      assertThat(Float.floatToRawIntBits(after[i])).isEqualTo(Float.floatToRawIntBits(mean[i]));
    }
  }

  @Test
  void emaAveragesTheRoundsAndLeavesTheMean() {
    Ema ema = new Ema(0.5);
    float[] kept = of(0);
    float[] first = of(8, 5);
    ema.apply(of(1, 1), first, kept, 1);
    assertThat(first).containsExactly(8, 5);
    float[] one = kept.clone();
    ema.average(one, 1);
    assertThat(one).containsExactly(8);
    ema.apply(first, of(2, 5), kept, 1);
    ema.average(kept, 2); // weights 1 to 2
    assertThat(kept).containsExactly((8 + 2 * 2) / 3f);
  }

  @Test
  void leavesWhatStandsBehindTheWeights() {
    float[] mean = of(3, 9);
    new Nesterov(0.5, 0).apply(of(4, 1), mean, of(0), 1);
    assertThat(mean).containsExactly(3.5f, 9);
  }
}
