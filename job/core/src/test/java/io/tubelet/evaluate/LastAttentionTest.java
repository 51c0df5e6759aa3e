package io.tubelet.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.model.Task;
import io.tubelet.model.Transformer;
import org.junit.jupiter.api.Test;

class LastAttentionTest {
  private static final String BLOCK = "videomae.encoder.layer.1";

  /** Two blocks of width 2 with two heads of one column each. */
  private static final ModelSpec MODEL =
      new ModelSpec(
          new ClipGeometry(2, 4, 4, 2, 4),
          new Transformer(2, 2, 2, 1),
          new Task.Pretraining(new Transformer(12, 1, 1, 1), true));

  private static Parameters weights() {
    return Parameters.draw(ParameterLayout.of(MODEL), 3);
  }

  private static void set(Parameters weights, String name, float... values) {
    System.arraycopy(values, 0, weights.get(BLOCK + name), 0, values.length);
  }

  /**
   * Head 1: queries and keys are the first column, √ln 3 and 0, so the first token splits 3/4 to
   * 1/4 and the second evenly. Head 2: every query is the bias 1, keys are the second column, 0 and
   * ln 2, so both split 1/3 to 2/3.
   */
  @Test
  void averagesOverHeadsAndQueriesByHand() {
    Parameters weights = weights();
    set(weights, ".attention.attention.query.weight", 1, 0, 0, 0);
    set(weights, ".attention.attention.q_bias", 0, 1);
    set(weights, ".attention.attention.key.weight", 1, 0, 0, 1);
    float[] normed = {(float) Math.sqrt(Math.log(3)), 0, 0, (float) Math.log(2)};
    float[] received = LastAttention.received(weights, normed);
    assertThat(received[0]).isCloseTo((9 + 6 + 4 + 4) / 48f, within(1e-6f));
    assertThat(received[1]).isCloseTo((3 + 6 + 8 + 8) / 48f, within(1e-6f));
  }

  @Test
  void sumsToOneAlsoWhereScoresAreHuge() {
    float[] normed = new float[2 * 50];
    for (int i = 0; i < normed.length; i++) {
      normed[i] = (float) (1e4 * Math.sin(i));
    }
    double sum = 0;
    for (float share : LastAttention.received(weights(), normed)) {
      sum += share;
    }
    assertThat(sum).isCloseTo(1, within(1e-5));
  }

  @Test
  void probesWithABlockThatAddsNothingAndItsOwnNorm() {
    Parameters weights = weights();
    set(weights, ".layernorm_before.weight", 5, 6);
    Parameters probe = LastAttention.probe(weights);
    assertThat(probe.get(BLOCK + ".attention.output.dense.weight")).containsOnly(0);
    assertThat(probe.get(BLOCK + ".output.dense.weight")).containsOnly(0);
    assertThat(probe.get("videomae.layernorm.weight")).containsExactly(5, 6);
    String before = "videomae.encoder.layer.0.output.dense.weight";
    assertThat(probe.get(before)).isSameAs(weights.get(before));
    assertThat(weights.get(BLOCK + ".output.dense.weight")).doesNotContain(0);
  }

  @Test
  void wantsAPretrainingNetwork() {
    Parameters classifier = Parameters.draw(ParameterLayout.of(MODEL.classifier(2)), 3);
    assertThatThrownBy(() -> LastAttention.probe(classifier))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("not a pretraining network");
  }
}
