package io.tubelet.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tubelet.clip.SampleSeed;
import org.junit.jupiter.api.Test;

class WeightedMeanTest {

  @Test
  void weighsReplicasBySamples() {
    WeightedMean mean = new WeightedMean();
    mean.add(new float[] {1, 10}, 3);
    mean.add(new float[] {5, 30}, 1);
    assertThat(mean.mean()).containsExactly(2, 15);
  }

  @Test
  void leavesOneReplicaAsItIs() {
    float[] values = new float[1000];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) SampleSeed.of(1, i, "value").nextGaussian();
    }
    WeightedMean mean = new WeightedMean();
    mean.add(values, 17);
    assertThat(mean.mean()).isEqualTo(values);
  }

  @Test
  void keepsTheSignOfAZeroAndIgnoresBadNumbersWithoutWeight() {
    WeightedMean mean = new WeightedMean();
    mean.add(new float[] {Float.NaN}, 0);
    mean.add(new float[] {-0f}, 3);
    assertThat(mean.mean()).containsExactly(-0f);
  }

  @Test
  void ignoresAReplicaWithoutSamples() {
    WeightedMean mean = new WeightedMean();
    mean.add(new float[] {7}, 0);
    mean.add(new float[] {3}, 2);
    assertThat(mean.mean()).containsExactly(3);
  }

  @Test
  void refusesValuesOfAnotherLengthAndTheMeanOfNothing() {
    WeightedMean mean = new WeightedMean();
    mean.add(new float[2], 0);
    assertThatThrownBy(() -> mean.add(new float[3], 1)).hasMessageContaining("3 values");
    assertThatThrownBy(mean::mean).hasMessageContaining("no samples");
  }
}
