package io.tubelet.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tubelet.clip.SampleSeed;
import io.tubelet.geometry.ClipGeometry;
import io.tubelet.model.ModelSize;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import java.util.ArrayList;
import java.util.List;
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

  @Test
  void cutsAStateIntoChunksAndJoinsThem() {
    ParameterLayout layout =
        ParameterLayout.of(ModelSize.TINY.pretraining(new ClipGeometry(2, 8, 8, 2, 4)));
    TrainState state =
        new TrainState(
            5, Parameters.draw(layout, 1), Parameters.draw(layout, 2), Parameters.draw(layout, 3));
    StateChunks chunks = new StateChunks(layout, 1000);
    assertThat(chunks.count()).isEqualTo((int) Math.ceil(3 * layout.count() / 1000.0));
    List<float[]> cut = new ArrayList<>();
    for (int k = 0; k < chunks.count(); k++) {
      cut.add(chunks.cut(state, k));
    }
    assertThat(chunks.join(5, cut)).isEqualTo(state);
    assertThatThrownBy(() -> chunks.join(5, cut.subList(0, 3))).hasMessageContaining("3000");
  }
}
