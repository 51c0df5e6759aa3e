package io.tubelet.weights;

import io.tubelet.model.Parameter;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.weights.Safetensors.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A network's tensors under the names of the official checkpoints, written down independently. */
public final class OfficialFile {
  private OfficialFile() {}

  /** The official key for a tensor, with {@code qkv} for each of its three parts. */
  static String key(String name, boolean pretraining) {
    String encoder = pretraining ? "encoder." : "";
    String key =
        name.replace(
                "videomae.embeddings.patch_embeddings.projection", encoder + "patch_embed.proj")
            .replace("videomae.encoder.layer", encoder + "blocks")
            .replace("videomae.layernorm", "encoder.norm")
            .replace("decoder.decoder_layers", "decoder.blocks")
            .replace("attention.output.dense", "attn.proj")
            .replace("layernorm_before", "norm1")
            .replace("layernorm_after", "norm2")
            .replace("intermediate.dense", "mlp.fc1")
            .replace("output.dense", "mlp.fc2")
            .replaceFirst("attention\\.attention\\.(query|key|value)\\.weight", "attn.qkv.weight")
            .replace("attention.attention", "attn");
    return key.replaceFirst("^classifier", "head");
  }

  public static Map<String, Tensor> of(Parameters weights) {
    ParameterLayout layout = weights.layout();
    boolean pretraining = layout.has("mask_token");
    Map<String, Tensor> file = new LinkedHashMap<>();
    for (Parameter p : layout.parameters()) {
      Tensor own = tensor(p.shape(), weights.get(p.name()));
      file.merge(key(p.name(), pretraining), own, OfficialFile::below);
    }
    return file;
  }

  private static Tensor below(Tensor above, Tensor more) {
    List<Integer> shape = new ArrayList<>(above.shape());
    shape.set(0, shape.get(0) + more.shape().get(0));
    float[] values = new float[above.floats().length + more.floats().length];
    System.arraycopy(above.floats(), 0, values, 0, above.floats().length);
    System.arraycopy(more.floats(), 0, values, above.floats().length, more.floats().length);
    return tensor(shape, values);
  }

  static Tensor tensor(List<Integer> shape, float... values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Float.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return new Tensor("F32", shape, bytes);
  }
}
