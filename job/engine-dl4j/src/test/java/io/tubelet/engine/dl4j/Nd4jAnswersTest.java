package io.tubelet.engine.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.cube.CubeBatch;
import io.tubelet.engine.Engine;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.Parameters;
import io.tubelet.train.TrainState;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the engine answers, and what it refuses. */
class Nd4jAnswersTest {
  private static final ModelSpec PRETRAINING = Tiny.pretraining(true);

  @Test
  void classifiesByTheMeanOfTheEncodedTokens() {
    try (Engine engine = Tiny.engine(Tiny.training(Tiny.classifier(), Tiny.ADAM_W))) {
      CubeBatch batch = Tiny.labelled(2, 0);
      float[] features = means(engine.encode(batch), 2, 12);
      float[] scores = engine.predict(batch);
      Parameters weights = engine.state().weights();
      assertThat(scores).hasSize(2 * 5);
      for (int i = 0; i < scores.length; i++) {
        double expected = score(weights, features, i / 5 * 12, i % 5);
        assertThat((double) scores[i]).isCloseTo(expected, within(1e-5));
      }
    }
  }

  /** {@code [batch, tokens, dim] → [batch, dim]}. */
  private static float[] means(float[] tokens, int batch, int dim) {
    int count = tokens.length / batch / dim;
    float[] means = new float[batch * dim];
    for (int i = 0; i < tokens.length; i++) {
      means[i / (count * dim) * dim + i % dim] += tokens[i] / count;
    }
    return means;
  }

  private static double score(Parameters weights, float[] features, int from, int label) {
    double mean = 0;
    double square = 0;
    for (int i = 0; i < 12; i++) {
      mean += features[from + i] / 12;
    }
    for (int i = 0; i < 12; i++) {
      square += Math.pow(features[from + i] - mean, 2) / 12;
    }
    double score = weights.get("classifier.bias")[label];
    for (int i = 0; i < 12; i++) {
      double normal = (features[from + i] - mean) / Math.sqrt(square + 1e-6);
      double shifted = normal * weights.get("fc_norm.weight")[i] + weights.get("fc_norm.bias")[i];
      score += shifted * weights.get("classifier.weight")[label * 12 + i];
    }
    return score;
  }

  @Test
  void reconstructsEveryHiddenCube() {
    try (Engine engine = Tiny.engine(Tiny.training(PRETRAINING, Tiny.ADAM_W))) {
      assertThat(engine.predict(Tiny.masked(2, 0))).hasSize(2 * 8 * 96).doesNotContain(0);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> engine.predict(Tiny.labelled(2, 0)))
          .withMessageContaining("expected masked clips");
    }
  }

  @Test
  void refusesBatchesOfAnotherKind() {
    try (Engine pretraining = Tiny.engine(Tiny.training(PRETRAINING, Tiny.ADAM_W));
        Engine classifier = Tiny.engine(Tiny.training(Tiny.classifier(), Tiny.ADAM_W))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> pretraining.step(Tiny.labelled(2, 0)))
          .withMessageContaining("expected masked clips");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> classifier.step(Tiny.masked(2, 0)))
          .withMessageContaining("8 hidden tokens, 0 classes");
      CubeBatch other = labelledOf(new ClipGeometry(2, 8, 8, 2, 4));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> classifier.predict(other))
          .withMessageContaining("expected clips of ClipGeometry[frames=4");
    }
  }

  private static CubeBatch labelledOf(ClipGeometry geometry) {
    byte[] cubes = new byte[geometry.clipBytes()];
    return new CubeBatch(
        geometry, 4, cubes, new int[4], new float[5], new float[0], List.of("clip"), 0);
  }

  @Test
  void refusesTheStateOfAnotherNetwork() {
    try (Engine engine = Tiny.engine(Tiny.training(PRETRAINING, Tiny.ADAM_W))) {
      TrainState other = TrainState.start(Tiny.parameters(Tiny.classifier()));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> engine.load(other))
          .withMessageContaining("does not fit");
    }
  }
}
