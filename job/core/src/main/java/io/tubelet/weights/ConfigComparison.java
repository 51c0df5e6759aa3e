package io.tubelet.weights;

import com.fasterxml.jackson.databind.JsonNode;
import io.tubelet.clip.ClipGeometry;
import io.tubelet.model.ModelSize;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.Task;
import io.tubelet.model.Transformer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A {@code config.json} beside the network that its weights shall go into. Shapes of tensors are
 * checked elsewhere; here is what changes the function without changing a shape.
 */
public final class ConfigComparison {
  private final ModelSpec model;
  private final List<String> notes = new ArrayList<>();
  private final List<String> obstacles = new ArrayList<>();

  /** Compares. */
  public ConfigComparison(JsonNode config, ModelSpec model) {
    this.model = model;
    ClipGeometry geometry = model.geometry();
    size(config, "num_frames", geometry.frames());
    size(config, "tubelet_size", geometry.tubelet());
    size(config, "patch_size", geometry.patch());
    epsilon(config);
    heads(config, "num_attention_heads", "model.encoder.heads", model.encoder());
    if (model.task() instanceof Task.Pretraining task) {
      heads(config, "decoder_num_attention_heads", "model.decoder.heads", task.decoder());
    } else if (!config.path("use_mean_pooling").asBoolean(true)) {
      obstacles.add(
          "use_mean_pooling is false: this classifier reads token 0, a corner of the picture, where"
              + " ours reads the mean of all tokens");
    }
  }

  private void size(JsonNode config, String field, int own) {
    JsonNode value = config.path(field);
    if (value.isInt() && value.asInt() != own) {
      notes.add("%s is %d, the network's is %d".formatted(field, value.asInt(), own));
    }
  }

  private void epsilon(JsonNode config) {
    double epsilon = config.path("layer_norm_eps").asDouble(ModelSpec.LAYER_NORM_EPSILON);
    if (epsilon != ModelSpec.LAYER_NORM_EPSILON) {
      notes.add(
          "layer_norm_eps is %s, ours is %s: outputs differ by about 4e-6"
              .formatted(epsilon, ModelSpec.LAYER_NORM_EPSILON));
    }
  }

  /** Another number of heads fits the same tensors and is another function. */
  private void heads(JsonNode config, String field, String key, Transformer own) {
    int heads = config.path(field).asInt(own.heads());
    if (heads == own.heads()) {
      return;
    }
    String both = "%s is %d, %s is %d".formatted(field, heads, key, own.heads());
    if (published(own)) {
      notes.add(both + ", which is the published number; files made by conversion err here");
    } else {
      obstacles.add(both + ": set it to %d to compute as the file says".formatted(heads));
    }
  }

  private boolean published(Transformer own) {
    return Stream.of(ModelSize.S, ModelSize.B, ModelSize.L, ModelSize.H)
        .filter(size -> size.encoder().dim() == model.encoder().dim())
        .flatMap(size -> Stream.of(size.encoder(), size.decoder()))
        .anyMatch(size -> size.dim() == own.dim() && size.heads() == own.heads());
  }

  /** What a person should know. */
  public List<String> notes() {
    return List.copyOf(notes);
  }

  /** Why the weights would compute something else here; empty if they would not. */
  public List<String> obstacles() {
    return List.copyOf(obstacles);
  }
}
