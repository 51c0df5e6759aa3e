package io.tubelet.weights;

import io.tubelet.model.Parameter;
import io.tubelet.model.Parameters;
import java.util.ArrayList;
import java.util.List;

/** Weights as the entries of a safetensors file for Hugging Face's library. */
public final class WeightExport {

  /** Which names the attention's biases have. */
  public enum BiasNames {
    /** {@code q_bias} and {@code v_bias}: read by 4.x and by 5.18 and later. */
    LEGACY,
    /**
     * These and also {@code query.bias}, {@code value.bias} and an all-zero {@code key.bias}: 5.x
     * before 5.18 reads only those, and takes zeros without a word where they are absent.
     */
    BOTH
  }

  private WeightExport() {}

  /** The entries, in the order of the layout; the values are shared, not copied. */
  public static List<Safetensors.Entry> entries(Parameters weights, BiasNames names) {
    List<Safetensors.Entry> entries = new ArrayList<>();
    for (Parameter p : weights.layout().parameters()) {
      float[] values = weights.get(p.name());
      entries.add(new Safetensors.Entry(p.name(), p.shape(), values));
      if (names == BiasNames.BOTH) {
        for (String modern : Names.modernNames(p.name())) {
          float[] own = Names.isKeyBias(modern) ? new float[values.length] : values;
          entries.add(new Safetensors.Entry(modern, p.shape(), own));
        }
      }
    }
    return entries;
  }
}
