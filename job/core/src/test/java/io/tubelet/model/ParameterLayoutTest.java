package io.tubelet.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tubelet.clip.ClipGeometry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ParameterLayoutTest {
  private static final ClipGeometry PUBLISHED = new ClipGeometry(16, 224, 224, 2, 16);
  private static final ClipGeometry SMALL = new ClipGeometry(4, 8, 12, 2, 4);

  @ParameterizedTest
  @CsvSource({"S,24029376", "B,94210944", "L,342996992", "H,692487296"})
  void countsThePublishedPretrainingParameters(ModelSize size, long count) {
    assertThat(ParameterLayout.of(size.pretraining(PUBLISHED)).count()).isEqualTo(count);
  }

  @ParameterizedTest
  @CsvSource({
    "S,400,22033936",
    "B,400,86534800",
    "L,400,304270736",
    "H,400,632119440",
    "B,174,86361006"
  })
  void countsThePublishedClassifierParameters(ModelSize size, int classes, long count) {
    ModelSpec classifier = size.pretraining(PUBLISHED).classifier(classes);
    assertThat(ParameterLayout.of(classifier).count()).isEqualTo(count);
  }

  @Test
  void countsTheParametersOfVersionTwosLargest() {
    ModelSpec model = ModelSize.G.pretraining(new ClipGeometry(16, 224, 224, 2, 14));
    assertThat(model.encoder().mlpDim()).isEqualTo(6144);
    assertThat(ParameterLayout.of(model).count()).isEqualTo(1_025_543_960);
    assertThat(ParameterLayout.of(model.classifier(400)).count()).isEqualTo(1_012_174_352);
  }

  @Test
  void hasAsManyTensorsAsTheHuggingFaceFiles() {
    ModelSpec model = ModelSize.B.pretraining(PUBLISHED);
    assertThat(ParameterLayout.of(model).parameters()).hasSize(250);
    assertThat(ParameterLayout.of(model.classifier(400)).parameters()).hasSize(186);
  }

  @Test
  void followsEncoderAndProjectorOfMocoV3AndTrainsNoEmbedding() {
    ModelSpec masked = ModelSize.B.pretraining(PUBLISHED);
    ModelSpec model = new ModelSpec(PUBLISHED, masked.encoder(), new Task.Contrastive(4096, 256));
    long encoder = ParameterLayout.of(masked.classifier(400)).count() - 401 * 400 - 400 * 368;
    long projector = 768 * 4096 + 4096 * 4096 + 4096 * 256 + 4 * 4096;
    long predictor = 256 * 4096 + 4096 * 256 + 2 * 4096;
    ParameterLayout layout = ParameterLayout.of(model);
    assertThat(layout.count()).isEqualTo(2 * (encoder + projector) + predictor);
    Parameters drawn = Parameters.draw(ParameterLayout.of(tiny()), 1);
    for (Parameter p : drawn.layout().parameters()) {
      boolean follows = p.name().startsWith("momentum.");
      assertThat(p.frozen()).isEqualTo(follows || p.name().contains("patch_embeddings"));
      assertThat(p.decayed()).isEqualTo(!p.frozen() && p.shape().size() == 2);
      assertThat(drawn.get(p.name())).isEqualTo(drawn.get(Parameter.followed(p.name())));
    }
  }

  private static ModelSpec tiny() {
    Transformer encoder = ModelSize.TINY.pretraining(SMALL).encoder();
    return new ModelSpec(SMALL, encoder, new Task.Contrastive(16, 8));
  }

  @Test
  void decaysMatricesOnly() {
    for (Parameter p : ParameterLayout.of(ModelSize.TINY.pretraining(SMALL)).parameters()) {
      boolean vector = p.shape().size() == 1 || p.name().equals("mask_token");
      assertThat(p.decayed()).as(p.name()).isEqualTo(!vector);
    }
  }

  @Test
  void numbersLayersFromTheEmbeddingToTheHead() {
    ParameterLayout layout = ParameterLayout.of(ModelSize.TINY.pretraining(SMALL).classifier(3));
    assertThat(layer(layout, "videomae.embeddings.patch_embeddings.projection.bias")).isZero();
    assertThat(layer(layout, "videomae.encoder.layer.1.output.dense.weight")).isEqualTo(2);
    assertThat(layer(layout, "fc_norm.weight")).isEqualTo(3);
  }

  private static int layer(ParameterLayout layout, String name) {
    return layout.parameters().get(layout.index(name)).layer();
  }

  @Test
  void drawsTheSameFirstValuesFromTheSameSeed() {
    ParameterLayout layout = ParameterLayout.of(ModelSize.TINY.pretraining(SMALL));
    assertThat(Parameters.draw(layout, 3)).isEqualTo(Parameters.draw(layout, 3));
    assertThat(Parameters.draw(layout, 3).digest())
        .isEqualTo(Parameters.draw(layout, 3).digest())
        .isNotEqualTo(Parameters.draw(layout, 4).digest());
  }

  @Test
  void drawsQueryWithinTheBoundOfTheWholeQkvMatrix() {
    Parameters drawn = Parameters.draw(ParameterLayout.of(ModelSize.TINY.pretraining(SMALL)), 1);
    float[] query = drawn.get("videomae.encoder.layer.0.attention.attention.query.weight");
    double bound = Math.sqrt(6.0 / (48 + 3 * 48));
    double largest = 0;
    for (float value : query) {
      largest = Math.max(largest, Math.abs(value));
    }
    assertThat(largest).isLessThanOrEqualTo(bound).isCloseTo(bound, within(0.01 * bound));
  }

  @Test
  void keepsTheMaskTokenWithinItsCut() {
    Parameters drawn = Parameters.draw(ParameterLayout.of(ModelSize.B.pretraining(SMALL)), 1);
    for (float value : drawn.get("mask_token")) {
      assertThat(value).isBetween(-0.02f, 0.02f);
    }
  }

  @Test
  void drawsTheEncoderOfAClassifierAsForPretrainingIfAskedTo() {
    ModelSpec model = ModelSize.TINY.pretraining(SMALL);
    Parameters first = Parameters.draw(ParameterLayout.of(model), 1);
    Parameters drawn = Parameters.draw(ParameterLayout.of(model.classifier(3), true), 1);
    for (Parameter p : drawn.layout().parameters()) {
      if (first.layout().has(p.name())) {
        assertThat(drawn.get(p.name())).as(p.name()).isEqualTo(first.get(p.name()));
      }
    }
    String shared = "videomae.encoder.layer.1.intermediate.dense.weight";
    assertThat(Parameters.draw(ParameterLayout.of(model.classifier(3)), 1).get(shared))
        .isNotEqualTo(first.get(shared));
  }

  @Test
  void computesSinusoidsOverTheFlatIndex() {
    float[] table = Transformer.positions(3, 4);
    assertThat(table).startsWith(0f, 1f, 0f, 1f);
    assertThat(table[4 + 0]).isCloseTo((float) Math.sin(1), within(1e-7f));
    assertThat(table[8 + 3]).isCloseTo((float) Math.cos(2 / 100.0), within(1e-7f));
  }
}
