package io.tubelet.weights;

import com.fasterxml.jackson.databind.JsonNode;
import io.tubelet.clip.ClipGeometry;
import io.tubelet.model.ModelSize;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.Task;
import io.tubelet.model.Transformer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The two JSON files that Hugging Face's {@code transformers} wants next to the weights; field
 * names and values are those of {@code VideoMAEConfig} and {@code VideoMAEImageProcessor}. Its
 * blocks take {@code layer_norm_eps} from the file; {@code decoder.norm} and {@code fc_norm} have
 * 1e-5 there whatever it says.
 */
public final class HuggingFace {
  /** Hugging Face has no such class. */
  private static final String DETECTOR = "VideoMAEForActionDetection";

  private HuggingFace() {}

  /** Whether a {@code config.json} is a detector's. */
  public static boolean detects(JsonNode config) {
    return config.path("architectures").path(0).asText().equals(DETECTOR);
  }

  /** {@code config.json}; {@code labels} in the order of the classifier's rows, may be empty. */
  public static Map<String, Object> config(ModelSpec model, List<String> labels) {
    ClipGeometry geometry = model.geometry();
    Transformer encoder = model.encoder();
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("architectures", List.of(architecture(model)));
    config.put("model_type", "videomae");
    boolean square = geometry.height() == geometry.width(); // as all published models
    config.put(
        "image_size", square ? geometry.height() : List.of(geometry.height(), geometry.width()));
    config.put("patch_size", geometry.patch());
    config.put("num_channels", ClipGeometry.CHANNELS);
    config.put("num_frames", geometry.frames());
    config.put("tubelet_size", geometry.tubelet());
    config.put("hidden_size", encoder.dim());
    config.put("num_hidden_layers", encoder.depth());
    config.put("num_attention_heads", encoder.heads());
    config.put("intermediate_size", encoder.mlpDim());
    config.put("hidden_act", "gelu");
    config.put("hidden_dropout_prob", 0.0);
    config.put("attention_probs_dropout_prob", 0.0);
    config.put("initializer_range", 0.02);
    config.put("layer_norm_eps", ModelSpec.LAYER_NORM_EPSILON);
    config.put("qkv_bias", true);
    if (model.task() instanceof Task.Pretraining task) {
      config.put("use_mean_pooling", false);
      config.put("decoder_num_attention_heads", task.decoder().heads());
      config.put("decoder_hidden_size", task.decoder().dim());
      config.put("decoder_num_hidden_layers", task.decoder().depth());
      config.put("decoder_intermediate_size", task.decoder().mlpDim());
      config.put("norm_pix_loss", task.normalisedTarget());
    } else if (model.pretrains()) {
      config.put("use_mean_pooling", false); // that would leave out the encoder's norm
    } else {
      config.put("use_mean_pooling", true);
      Map<String, String> byId = new LinkedHashMap<>();
      Map<String, Integer> byLabel = new LinkedHashMap<>();
      for (int k = 0; k < model.classes(); k++) {
        String label = k < labels.size() ? labels.get(k) : "LABEL_" + k;
        byId.put(Integer.toString(k), label);
        byLabel.put(label, k);
      }
      config.put("id2label", byId);
      config.put("label2id", byLabel);
    }
    return config;
  }

  private static String architecture(ModelSpec model) {
    if (model.pretrains()) {
      return model.task() instanceof Task.Pretraining ? "VideoMAEForPreTraining" : "VideoMAEModel";
    }
    return model.detects() ? DETECTOR : "VideoMAEForVideoClassification";
  }

  /**
   * Why weights next to this {@code config.json} would compute another function in the network,
   * though their shapes fit; empty if they would not.
   *
   * @param encoder whether it is the encoder alone that is taken
   */
  public static List<String> obstacles(JsonNode config, ModelSpec model, boolean encoder) {
    List<String> obstacles = new ArrayList<>();
    heads(config, "num_attention_heads", "model.encoder.heads", model, model.encoder())
        .ifPresent(obstacles::add);
    if (!encoder && model.task() instanceof Task.Pretraining task) {
      heads(config, "decoder_num_attention_heads", "model.decoder.heads", model, task.decoder())
          .ifPresent(obstacles::add);
    } else if (!encoder && !model.pretrains() && !config.path("use_mean_pooling").asBoolean(true)) {
      obstacles.add(
          "use_mean_pooling is false: this classifier reads token 0, a corner of the picture, where"
              + " ours reads the mean of all tokens");
    }
    return obstacles;
  }

  /** Files made by conversion name wrong heads for the published sizes: those are not believed. */
  private static Optional<String> heads(
      JsonNode config, String field, String key, ModelSpec model, Transformer own) {
    int heads = config.path(field).asInt(own.heads());
    boolean published =
        Stream.of(ModelSize.S, ModelSize.B, ModelSize.L, ModelSize.H)
            .filter(size -> size.encoder().dim() == model.encoder().dim())
            .flatMap(size -> Stream.of(size.encoder(), size.decoder()))
            .anyMatch(size -> size.dim() == own.dim() && size.heads() == own.heads());
    return heads == own.heads() || published
        ? Optional.empty()
        : Optional.of(
            "%s is %d, %s is %d: set it to %d to compute as the file says"
                .formatted(field, heads, key, own.heads(), heads));
  }

  /**
   * The class names of a {@code config.json}, in the order of the classifier's rows. The library
   * calls a class without a name {@code LABEL_k}; ours is {@code k}.
   */
  public static List<String> labels(JsonNode config, int classes) {
    return IntStream.range(0, classes)
        .mapToObj(
            k -> {
              String name = config.path("id2label").path("" + k).asText();
              return name.isEmpty() || name.equals("LABEL_" + k) ? "" + k : name;
            })
        .toList();
  }

  /** {@code preprocessor_config.json}. */
  public static Map<String, Object> preprocessor(ModelSpec model) {
    ClipGeometry geometry = model.geometry();
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("image_processor_type", "VideoMAEImageProcessor");
    config.put("do_resize", true);
    config.put("size", Map.of("shortest_edge", Math.min(geometry.height(), geometry.width())));
    config.put("resample", 2);
    config.put("do_center_crop", true);
    config.put("crop_size", Map.of("height", geometry.height(), "width", geometry.width()));
    config.put("do_rescale", true);
    config.put("rescale_factor", 1 / 255.0);
    config.put("do_normalize", true);
    config.put("image_mean", List.of(0.485, 0.456, 0.406));
    config.put("image_std", List.of(0.229, 0.224, 0.225));
    return config;
  }
}
