package io.tubelet.weights;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tubelet.clip.ClipGeometry;
import io.tubelet.model.ModelSize;
import io.tubelet.model.ModelSpec;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConfigComparisonTest {
  private static final ClipGeometry CLIPS = new ClipGeometry(16, 224, 224, 2, 16);
  private static final ModelSpec S = ModelSize.S.pretraining(CLIPS);

  private static ConfigComparison compare(ModelSpec model, String field, Object value) {
    ObjectNode config = new ObjectMapper().valueToTree(HuggingFace.config(model, List.of()));
    config.set(field, new ObjectMapper().valueToTree(value));
    return new ConfigComparison(config, model);
  }

  @Test
  void hasNothingToSayOfItsOwnExport() {
    ConfigComparison same = compare(S, "qkv_bias", true);
    assertThat(same.notes()).isEmpty();
    assertThat(same.obstacles()).isEmpty();
  }

  @Test
  void knowsThatConvertedSmallModelsNameTooManyHeads() {
    ConfigComparison heads = compare(S, "num_attention_heads", 16);
    assertThat(heads.obstacles()).isEmpty();
    assertThat(heads.notes()).singleElement().asString().contains("16", "6", "published");
    assertThat(compare(S, "decoder_num_attention_heads", 6).obstacles()).isEmpty();
  }

  @Test
  void doesNotGuessTheHeadsOfAnyOtherNetwork() {
    ModelSpec own = ModelSize.TINY.pretraining(CLIPS);
    assertThat(compare(own, "num_attention_heads", 6).obstacles())
        .singleElement()
        .asString()
        .contains("model.encoder.heads", "set it to 6");
  }

  @Test
  void saysHowFarAnotherEpsilonMovesTheOutputs() {
    assertThat(compare(S, "layer_norm_eps", 1e-12).notes())
        .singleElement()
        .asString()
        .contains("1.0E-12", "4e-6");
  }

  @Test
  void refusesAClassifierThatReadsOneToken() {
    assertThat(compare(S.classifier(3), "use_mean_pooling", false).obstacles())
        .singleElement()
        .asString()
        .contains("token 0");
  }

  @Test
  void notesAnotherGeometry() {
    assertThat(compare(S, "num_frames", 8).notes())
        .containsExactly("num_frames is 8, the network's is 16");
  }
}
