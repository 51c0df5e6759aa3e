package io.tubelet.weights;


import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Tensor names of the official checkpoints in Hugging Face's words, and the names that versions of
 * Hugging Face's library differ in. Values need no transposing: weights are {@code [out, in]}
 * everywhere.
 */
final class Names {
  private static final List<String> QKV = List.of("query", "key", "value");
  private static final String FUSED = ".attn.qkv.weight"; // [3 · dim, dim]: query, key, value
  private static final Pattern WRAPPER = Pattern.compile("^(?:(?:module|model|backbone)\\.)+");

  /** In this order: later patterns see what the earlier ones made. */
  private static final Map<Pattern, String> OFFICIAL = new LinkedHashMap<>();

  static {
    official(
        "^(encoder\\.)?patch_embed\\.proj\\.", "videomae.embeddings.patch_embeddings.projection.");
    official("^decoder\\.blocks\\.", "decoder.decoder_layers.");
    official("^(encoder\\.)?blocks\\.", "videomae.encoder.layer.");
    official("^encoder\\.norm\\.", "videomae.layernorm.");
    official("^head\\.", "classifier.");
    official("\\.attn\\.(q_bias|v_bias)$", ".attention.attention.$1");
    official("\\.attn\\.proj\\.", ".attention.output.dense.");
    official("\\.norm1\\.", ".layernorm_before.");
    official("\\.norm2\\.", ".layernorm_after.");
    official("\\.mlp\\.fc1\\.", ".intermediate.dense.");
    official("\\.mlp\\.fc2\\.", ".output.dense.");
  }

  private Names() {}

  private static void official(String pattern, String replacement) {
    OFFICIAL.put(Pattern.compile(pattern), replacement);
  }

  /**
   * A share of a tensor's rows, and whose they are.
   *
   * @param name Hugging Face's
   * @param part which of the equal shares
   * @param parts how many there are
   */
  record Share(String name, int part, int parts) {}

  /** The tensors that a file's tensor holds; a name that is no official one stays as it is. */
  static List<Share> shares(String key) {
    String name = WRAPPER.matcher(key).replaceFirst("");
    boolean fused = name.endsWith(FUSED);
    String body = fused ? name.substring(0, name.length() - FUSED.length()) + "." : name;
    for (Map.Entry<Pattern, String> rule : OFFICIAL.entrySet()) {
      body = rule.getKey().matcher(body).replaceFirst(rule.getValue());
    }
    if (!fused) {
      return List.of(new Share(body, 0, 1));
    }
    String attention = body + "attention.attention.";
    return IntStream.range(0, QKV.size())
        .mapToObj(i -> new Share(attention + QKV.get(i) + ".weight", i, QKV.size()))
        .toList();
  }

  /** The bias that 5.x of the library wants under this name, for one of its legacy names. */
  static String modern(String legacy) {
    return legacy.replace(".q_bias", ".query.bias").replace(".v_bias", ".value.bias");
  }

  /** The legacy name for a bias of 5.x; the name itself where it is no such bias. */
  static String legacy(String name) {
    return name.replaceFirst("\\.attention\\.query\\.bias$", ".attention.q_bias")
        .replaceFirst("\\.attention\\.value\\.bias$", ".attention.v_bias");
  }

  /** Whether softmax cancels what this tensor adds. */
  static boolean isKeyBias(String name) {
    return name.endsWith(".attention.key.bias");
  }

  /** All names of a bias {@code q_bias} in 5.x: its own, and the key's all-zero one. */
  static List<String> modernNames(String legacy) {
    List<String> names = new ArrayList<>();
    if (legacy.endsWith(".q_bias")) {
      names.add(modern(legacy));
      names.add(legacy.replace(".q_bias", ".key.bias"));
    } else if (legacy.endsWith(".v_bias")) {
      names.add(modern(legacy));
    }
    return names;
  }
}
