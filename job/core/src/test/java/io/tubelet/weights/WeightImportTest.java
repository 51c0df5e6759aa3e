package io.tubelet.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.SampleSeed;
import io.tubelet.model.ModelSize;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.Parameter;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.model.Transformer;
import io.tubelet.weights.Safetensors.Tensor;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class WeightImportTest {
  private static final ModelSpec MODEL =
      ModelSize.TINY.pretraining(new ClipGeometry(4, 8, 8, 2, 4));
  private static final ParameterLayout LAYOUT = ParameterLayout.of(MODEL);
  private static final ClipGeometry PUBLISHED = new ClipGeometry(16, 224, 224, 2, 16);

  private final WeightImport weights = new WeightImport(LAYOUT, true, false);

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
      WeightImport classifier = new WeightImport(layout, true, false);
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
    WeightImport detector = new WeightImport(ParameterLayout.of(MODEL.detector(3)), false, false);
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

  private static final String PATCHES = "videomae.embeddings.patch_embeddings.projection.";

  /** A ViT-MAE of the network's size, with a classifier as well. */
  private static Map<String, Tensor> pictures(Parameters first, float[] kernel) {
    Map<String, Tensor> file = new LinkedHashMap<>();
    for (Parameter p : LAYOUT.parameters()) {
      Tensor tensor = OfficialFile.tensor(p.shape(), first.get(p.name()));
      file.put(modern(p.name()).replaceFirst("^videomae", "vit"), tensor);
      if (p.name().endsWith("q_bias")) {
        file.put(modern(p.name()).replaceFirst("^videomae", "vit").replace("query", "key"), tensor);
      }
    }
    file.remove("mask_token"); // "decoder.mask_token" there, as what else is the decoder's
    file.put(PATCHES.replace("videomae", "vit") + "weight", picture(kernel));
    file.put("vit.embeddings.cls_token", OfficialFile.tensor(List.of(1, 1, 48), new float[48]));
    file.put(
        "vit.embeddings.position_embeddings",
        OfficialFile.tensor(List.of(1, 5, 48), new float[5 * 48]));
    file.put("classifier.weight", OfficialFile.tensor(List.of(2, 48), new float[2 * 48]));
    return file;
  }

  private static Tensor picture(float[] kernel) {
    return OfficialFile.tensor(List.of(48, 3, 4, 4), kernel);
  }

  private static float[] noise(int size, String purpose) {
    RandomGenerator random = SampleSeed.of(1, 0, purpose);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  @Test
  void startsFromAnEncoderOfPicturesAsIfClipsStoodStill() {
    Parameters first = random(LAYOUT);
    float[] kernel = noise(48 * 3 * 16, "kernel");
    Map<String, Tensor> file = pictures(first, kernel);
    Map<String, List<Integer>> shapes = new HashMap<>();
    file.forEach((key, tensor) -> shapes.put(key, tensor.shape()));
    assertThat(WeightImport.ofPictures(shapes)).isTrue();
    assertThat(WeightImport.ofPictures(Map.of(PATCHES + "weight", List.of(48, 3, 2, 4, 4))))
        .isFalse();

    WeightImport start = new WeightImport(LAYOUT, false, true);
    file.forEach(start::accept);
    Parameters read = start.weights(3);
    float[] patch = noise(3 * 16, "patch"); // [channel, row, column], the same in both frames
    float[] inflated = read.get(PATCHES + "weight"); // [dim, channel, frame, row, column]
    for (int d = 0; d < 48; d++) {
      double of = 0;
      double still = 0;
      for (int i = 0; i < 3 * 16; i++) {
        of += kernel[d * 3 * 16 + i] * patch[i];
        for (int frame = 0; frame < 2; frame++) {
          still += inflated[((d * 3 + i / 16) * 2 + frame) * 16 + i % 16] * patch[i];
        }
      }
      assertThat(still).as("dimension %d", d).isCloseTo(of, within(1e-6));
    }
    String bias = "videomae.encoder.layer.1.attention.attention.v_bias";
    assertThat(read.get(bias)).isEqualTo(first.get(bias));
    String decoder = "decoder.head.weight";
    assertThat(read.get(decoder)).isEqualTo(Parameters.draw(LAYOUT, 3).get(decoder));
    assertThat(start.text())
        .contains("passed over vit.embeddings.cls_token\n")
        .contains("passed over vit.embeddings.position_embeddings: learned, where")
        .contains("key.bias: the softmax over keys cancels it\n")
        .contains("passed over classifier.weight\n");
  }

  @Test
  void refusesAnEncoderOfOtherPatches() {
    Map<String, Tensor> file = pictures(random(LAYOUT), new float[48 * 3 * 16]);
    file.put(
        PATCHES.replace("videomae", "vit") + "weight",
        OfficialFile.tensor(List.of(48, 3, 2, 2), new float[48 * 3 * 4]));
    WeightImport start = new WeightImport(LAYOUT, false, true);
    file.forEach(start::accept);
    assertThat(start.usable()).isFalse();
    assertThat(start.summary()).contains("has [48, 3, 2, 2, 2], the network [48, 3, 2, 4, 4]");
  }
}
