package io.tubelet.weights;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tubelet.clip.ClipGeometry;
import io.tubelet.model.ModelSize;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.Parameter;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Task;
import io.tubelet.model.Transformer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The files that Hugging Face's library reads, as its source lists their contents. */
class HuggingFaceKeysTest {
  private static final ClipGeometry CLIPS = new ClipGeometry(16, 224, 224, 2, 16);

  /** ViT-B's numbers of blocks, narrow: names do not depend on widths. */
  private static final ModelSpec B =
      new ModelSpec(
          CLIPS,
          new Transformer(12, 12, 12, 4),
          new Task.Pretraining(new Transformer(6, 4, 6, 4), true));

  private static final ModelSpec S = ModelSize.S.pretraining(CLIPS);

  private static List<String> layer(String name) {
    List<String> keys = new ArrayList<>();
    for (String part : List.of("query", "key", "value")) {
      keys.add(name + ".attention.attention." + part + ".weight");
    }
    keys.add(name + ".attention.attention.q_bias");
    keys.add(name + ".attention.attention.v_bias");
    for (String part :
        List.of(
            ".attention.output.dense",
            ".intermediate.dense",
            ".output.dense",
            ".layernorm_before",
            ".layernorm_after")) {
      keys.add(name + part + ".weight");
      keys.add(name + part + ".bias");
    }
    return keys;
  }

  private static List<String> encoder() {
    List<String> keys = new ArrayList<>();
    keys.add("videomae.embeddings.patch_embeddings.projection.weight");
    keys.add("videomae.embeddings.patch_embeddings.projection.bias");
    for (int i = 0; i < 12; i++) {
      keys.addAll(layer("videomae.encoder.layer." + i));
    }
    return keys;
  }

  private static List<String> pretraining() {
    List<String> keys = encoder();
    keys.addAll(
        List.of(
            "videomae.layernorm.weight",
            "videomae.layernorm.bias",
            "encoder_to_decoder.weight",
            "mask_token",
            "decoder.norm.weight",
            "decoder.norm.bias",
            "decoder.head.weight",
            "decoder.head.bias"));
    for (int i = 0; i < 4; i++) {
      keys.addAll(layer("decoder.decoder_layers." + i));
    }
    return keys;
  }

  private static List<String> exported(ModelSpec model) {
    return ParameterLayout.of(model).parameters().stream().map(Parameter::name).toList();
  }

  @Test
  void pretrainingHasExactlyTheListed250() {
    assertThat(exported(B)).hasSize(250).containsExactlyInAnyOrderElementsOf(pretraining());
  }

  @Test
  void classificationHasExactlyTheListed186() {
    List<String> keys = encoder();
    keys.addAll(List.of("fc_norm.weight", "fc_norm.bias", "classifier.weight", "classifier.bias"));
    assertThat(exported(B.classifier(3))).hasSize(186).containsExactlyInAnyOrderElementsOf(keys);
  }

  @Test
  void configSaysWhatTheLibraryCannotGuess() {
    JsonNode config = json(HuggingFace.config(ModelSize.B.pretraining(CLIPS), List.of()));
    assertThat(config.path("image_size").asInt()).isEqualTo(224);
    assertThat(config.path("decoder_intermediate_size").asInt()).isEqualTo(1536);
    assertThat(config.path("norm_pix_loss").asBoolean()).isTrue();
    JsonNode classifier =
        json(
            HuggingFace.config(
                ModelSize.B.pretraining(CLIPS).classifier(2), List.of("wave", "walk")));
    assertThat(classifier.path("use_mean_pooling").asBoolean()).isTrue();
    assertThat(classifier.path("layer_norm_eps").asDouble()).isEqualTo(1e-6);
    assertThat(HuggingFace.labels(classifier, 2)).containsExactly("wave", "walk");
  }

  private static List<String> obstacles(ModelSpec model, String field, Object value) {
    ObjectNode config = (ObjectNode) json(HuggingFace.config(model, List.of()));
    config.set(field, json(value));
    return HuggingFace.obstacles(config, model, false);
  }

  @Test
  void hasNothingAgainstItsOwnExport() {
    assertThat(obstacles(S, "qkv_bias", true)).isEmpty();
    assertThat(obstacles(S.classifier(3), "qkv_bias", true)).isEmpty();
    ModelSpec encoder = new ModelSpec(CLIPS, S.encoder(), new Task.Contrastive(4096, 256));
    assertThat(obstacles(encoder, "qkv_bias", true)).isEmpty();
    assertThat(json(HuggingFace.config(encoder, List.of())).path("architectures").get(0).asText())
        .isEqualTo("VideoMAEModel");
  }

  @Test
  void knowsThatConvertedSmallModelsNameTooManyHeads() {
    assertThat(obstacles(S, "num_attention_heads", 16)).isEmpty();
    assertThat(obstacles(S, "decoder_num_attention_heads", 6)).isEmpty();
  }

  @Test
  void doesNotGuessTheHeadsOfAnyOtherNetwork() {
    ModelSpec own = ModelSize.TINY.pretraining(CLIPS);
    assertThat(obstacles(own, "num_attention_heads", 6))
        .singleElement()
        .asString()
        .contains("model.encoder.heads", "set it to 6");
    assertThat(obstacles(own, "decoder_num_attention_heads", 6))
        .singleElement()
        .asString()
        .contains("model.decoder.heads", "set it to 6");
  }

  @Test
  void refusesAClassifierThatReadsOneToken() {
    assertThat(obstacles(S.classifier(3), "use_mean_pooling", false))
        .singleElement()
        .asString()
        .contains("token 0");
  }

  private static JsonNode json(Object value) {
    return new ObjectMapper().valueToTree(value);
  }
}
