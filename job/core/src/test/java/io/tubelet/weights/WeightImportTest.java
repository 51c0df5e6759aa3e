package io.tubelet.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.model.ModelSize;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.Parameter;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.weights.LoadReport.Fate;
import io.tubelet.weights.Safetensors.Tensor;
import io.tubelet.weights.WeightExport.BiasNames;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WeightImportTest {
  private static final ModelSpec MODEL =
      ModelSize.TINY.pretraining(new ClipGeometry(4, 8, 8, 2, 4));
  private static final ParameterLayout LAYOUT = ParameterLayout.of(MODEL);
  private static final ClipGeometry PUBLISHED = new ClipGeometry(16, 224, 224, 2, 16);

  private final WeightImport weights = new WeightImport(LAYOUT);

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

  @ParameterizedTest
  @EnumSource
  void readsItsOwnExportToTheSameBits(BiasNames names) throws IOException {
    Parameters first = random(LAYOUT);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Safetensors.write(out, Map.of(), WeightExport.entries(first, names));
    Safetensors.read(new ByteArrayInputStream(out.toByteArray()), weights::accept);
    assertThat(weights.report().usable()).isTrue();
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
      WeightImport classifier = new WeightImport(layout);
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
      assertThat(
              official.stream().flatMap(key -> Names.shares(key).stream()).map(Names.Share::name))
          .containsExactlyInAnyOrderElementsOf(names);
    }
  }

  @Test
  void readsTheBiasesOfVersion5AndDropsTheKeys() {
    Parameters first = random(LAYOUT);
    for (Parameter p : LAYOUT.parameters()) {
      Tensor tensor = OfficialFile.tensor(p.shape(), first.get(p.name()));
      weights.accept(Names.modern(p.name()), tensor);
      if (p.name().endsWith("q_bias")) {
        weights.accept(p.name().replace("q_bias", "key.bias"), tensor);
      }
    }
    assertThat(weights.weights(0)).isEqualTo(first);
    assertThat(weights.report().count(Fate.IGNORED)).isEqualTo(4);
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
    assertThat(weights.report().usable()).isTrue();
    Parameters read = weights.weights(5);
    String head = "decoder.head.weight";
    assertThat(read.get(head)).isEqualTo(Parameters.draw(LAYOUT, 5).get(head));
    String own = "videomae.encoder.layer.1.output.dense.bias";
    assertThat(read.get(own)).isEqualTo(first.get(own));
  }

  @Test
  void namesEveryKeyThatIsInTheWay() {
    Map<String, Tensor> file = OfficialFile.of(random(LAYOUT));
    file.remove("encoder.blocks.0.norm1.weight");
    file.put("encoder.blocks.2.norm1.weight", OfficialFile.tensor(List.of(1), 0));
    file.put("mask_token", OfficialFile.tensor(List.of(1, 1, 2), 0, 0));
    file.forEach(weights::accept);
    LoadReport report = weights.report();
    assertThat(report.usable()).isFalse();
    assertThat(report.text().lines().limit(3))
        .containsExactlyInAnyOrder(
            "MISSING    videomae.encoder.layer.0.layernorm_before.weight",
            "UNEXPECTED encoder.blocks.2.norm1.weight: as"
                + " videomae.encoder.layer.2.layernorm_before.weight",
            "MISFIT     mask_token: has [1, 1, 2], the network [1, 1, 24]");
    assertThat(report.summary()).contains("1 missing", "1 unexpected", "1 misfit");
    assertThatThrownBy(() -> weights.weights(0)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void refusesTwoNamesThatDisagree() {
    String q = "videomae.encoder.layer.0.attention.attention.q_bias";
    weights.accept(q, OfficialFile.tensor(List.of(48), new float[48]));
    float[] other = new float[48];
    other[0] = 1;
    weights.accept(Names.modern(q), OfficialFile.tensor(List.of(48), other));
    assertThat(weights.report().text()).contains("there twice, unequal");
  }
}
