package io.tubelet.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.model.ModelSize;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.Parameter;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.model.Transformer;
import io.tubelet.weights.Safetensors.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class WeightImportTest {
  private static final ModelSpec MODEL =
      ModelSize.TINY.pretraining(new ClipGeometry(4, 8, 8, 2, 4));
  private static final ParameterLayout LAYOUT = ParameterLayout.of(MODEL);
  private static final ClipGeometry PUBLISHED = new ClipGeometry(16, 224, 224, 2, 16);

  private final WeightImport weights = new WeightImport(LAYOUT, true);

  /** Values that differ everywhere, zero biases and unit norms included. */
  private static Parameters random(ParameterLayout layout) {
    Parameters drawn = Parameters.draw(layout, 1);
    for (int i = 0; i < layout.parameters().size(); i++) {
      for (int j = 0; j < drawn.get(i).length; j++) {
        drawn.get(i)[j] += 0.01f * (i + 1) + 1e-4f * j;
      }
    }
    return drawn;
  }

  @Test
  void readsItsOwnNamesToTheSameBits() {
    Parameters first = random(LAYOUT);
    for (Parameter p : LAYOUT.parameters()) {
      weights.accept(p.name(), OfficialFile.tensor(p.shape(), first.get(p.name())));
    }
    assertThat(weights.usable()).isTrue();
    assertThat(weights.weights(0).digest()).isEqualTo(first.digest());
  }

  @Test
  void readsOfficialCheckpointsWithTheirFusedRows() {
    Parameters first = random(LAYOUT);
    Map<String, Tensor> file = OfficialFile.of(first);
    assertThat(file.get("encoder.blocks.1.attn.qkv.weight").shape()).containsExactly(144, 48);
    file.forEach(weights::accept);
    assertThat(weights.weights(0)).isEqualTo(first);
  }

  @Test
  void readsOfficialClassifiersWrappedOrNot() {
    ParameterLayout layout = ParameterLayout.of(MODEL.classifier(3));
    Parameters first = random(layout);
    for (String wrapper : List.of("", "module.", "backbone.")) {
      WeightImport classifier = new WeightImport(layout, true);
      OfficialFile.of(first).forEach((key, tensor) -> classifier.accept(wrapper + key, tensor));
      assertThat(classifier.weights(0)).isEqualTo(first);
    }
  }

  @Test
  void mapsEveryOfficialNameOfThePublishedB() {
    for (ModelSpec model :
        List.of(
            ModelSize.B.pretraining(PUBLISHED),
            ModelSize.B.pretraining(PUBLISHED).classifier(400))) {
      Set<String> names =
          ParameterLayout.of(model).parameters().stream()
              .map(Parameter::name)
              .collect(Collectors.toSet());
      boolean pretraining = names.contains("mask_token");
      Set<String> official =
          names.stream().map(n -> OfficialFile.key(n, pretraining)).collect(Collectors.toSet());
      assertThat(official).hasSize(pretraining ? 218 : 162);
      assertThat(official.stream().flatMap(key -> WeightImport.names(key).stream()))
          .containsExactlyInAnyOrderElementsOf(names);
    }
  }

  private static String modern(String name) {
    return name.replace(".q_bias", ".query.bias").replace(".v_bias", ".value.bias");
  }

  @Test
  void readsTheBiasesOfVersion5AndDropsTheKeys() {
    Parameters first = random(LAYOUT);
    for (Parameter p : LAYOUT.parameters()) {
      Tensor tensor = OfficialFile.tensor(p.shape(), first.get(p.name()));
      weights.accept(modern(p.name()), tensor);
      if (p.name().endsWith("q_bias")) {
        weights.accept(p.name().replace("q_bias", "key.bias"), tensor);
      }
    }
    assertThat(weights.weights(0)).isEqualTo(first);
    assertThat(weights.summary()).contains("0 initialised", "4 passed over");
  }

  @Test
  void drawsADecoderThatIsNotInTheFile() {
    Parameters first = random(LAYOUT);
    OfficialFile.of(first)
        .forEach(
            (key, tensor) -> {
              if (key.startsWith("encoder.") && !key.startsWith("encoder.norm")) {
                weights.accept(key, tensor);
              }
            });
    assertThat(weights.usable()).isTrue();
    Parameters read = weights.weights(5);
    String head = "decoder.head.weight";
    assertThat(read.get(head)).isEqualTo(Parameters.draw(LAYOUT, 5).get(head));
    String own = "videomae.encoder.layer.1.output.dense.bias";
    assertThat(read.get(own)).isEqualTo(first.get(own));
  }

  @Test
  void startsADetectorFromAPretrainedEncoderAndItsNorm() {
    Parameters first = random(LAYOUT);
    WeightImport detector = new WeightImport(ParameterLayout.of(MODEL.detector(3)), false);
    OfficialFile.of(first).forEach(detector::accept);
    Parameters read = detector.weights(5);
    for (String own :
        List.of("videomae.layernorm.weight", "videomae.encoder.layer.1.output.dense.bias")) {
      assertThat(read.get(own)).isEqualTo(first.get(own));
    }
    assertThat(read.layout().has("fc_norm.weight")).isFalse();
  }

  @Test
  void namesEveryKeyThatIsInTheWay() {
    Map<String, Tensor> file = OfficialFile.of(random(LAYOUT));
    file.remove("encoder.blocks.0.norm1.weight");
    file.put("encoder.blocks.2.norm1.weight", OfficialFile.tensor(List.of(1), 0));
    file.put("head.weight", OfficialFile.tensor(List.of(1), 0));
    file.put("mask_token", OfficialFile.tensor(List.of(1, 1, 2), 0, 0));
    file.forEach(weights::accept);
    assertThat(weights.usable()).isFalse();
    assertThat(weights.text().lines().limit(3))
        .containsExactlyInAnyOrder(
            "initialised videomae.encoder.layer.0.layernorm_before.weight: not in the file",
            "initialised mask_token: has [1, 1, 2], the network [1, 1, 24]",
            "passed over encoder.blocks.2.norm1.weight: the network has fewer blocks");
    assertThat(weights.text()).endsWith("passed over head.weight\n");
    assertThat(weights.summary()).contains("2 initialised", "2 passed over");
    assertThatThrownBy(() -> weights.weights(0)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void refusesAnEncoderWithMoreBlocks() {
    OfficialFile.of(random(LAYOUT)).forEach(weights::accept);
    assertThat(weights.usable()).isTrue();
    weights.accept(
        "videomae.encoder.layer.2.output.dense.bias", OfficialFile.tensor(List.of(1), 0));
    assertThat(weights.usable()).isFalse();
    assertThat(weights.summary())
        .contains("; first: passed over videomae.encoder.layer.2.output.dense.bias");
  }

  @Test
  void refusesTwoNamesThatDisagree() {
    String q = "videomae.encoder.layer.0.attention.attention.q_bias";
    weights.accept(q, OfficialFile.tensor(List.of(48), new float[48]));
    float[] other = new float[48];
    other[0] = 1;
    assertThatThrownBy(() -> weights.accept(modern(q), OfficialFile.tensor(List.of(48), other)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("twice");
  }

  @Test
  void readsAnEncoderThatWasSavedAlone() {
    Parameters first = random(LAYOUT);
    for (Parameter p : LAYOUT.parameters()) {
      if (p.name().startsWith("videomae.")) {
        String bare = p.name().substring("videomae.".length());
        weights.accept(bare, OfficialFile.tensor(p.shape(), first.get(p.name())));
      }
    }
    assertThat(weights.weights(0).get("videomae.layernorm.bias"))
        .isEqualTo(first.get("videomae.layernorm.bias"));
  }

  @Test
  void wantsAPartThatIsThereToBeWhole() {
    Map<String, Tensor> file = OfficialFile.of(random(LAYOUT));
    file.remove("decoder.blocks.1.norm1.weight");
    file.forEach(weights::accept);
    assertThat(weights.usable()).isFalse();
    assertThat(weights.summary()).contains("decoder.decoder_layers.1.layernorm_before.weight");
  }

  @Test
  void takesPositionsOnlyIfTheyAreTheSinusoid() {
    Map<String, Tensor> file = OfficialFile.of(random(LAYOUT));
    float[] table = Transformer.positions(20, 48); // of longer clips
    file.put("pos_embed", OfficialFile.tensor(List.of(1, 20, 48), table));
    file.forEach(weights::accept);
    assertThat(weights.usable()).isTrue();
    table[5] += 0.1f;
    weights.accept("encoder.pos_embed", OfficialFile.tensor(List.of(1, 20, 48), table));
    assertThat(weights.usable()).isFalse();
    assertThat(weights.summary()).contains("encoder.pos_embed: learned");
  }

  @Test
  void refusesValuesThatAreNotFinite() {
    float[] values = new float[24];
    values[7] = Float.NaN;
    Tensor nan = OfficialFile.tensor(List.of(1, 1, 24), values);
    assertThatThrownBy(() -> weights.accept("mask_token", nan))
        .hasMessage("mask_token has values that are not finite");
  }
}
