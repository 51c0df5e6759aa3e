package io.tubelet.model;

import java.io.Serializable;
import java.util.List;

/**
 * One tensor of a network.
 *
 * @param name its name in Hugging Face's files
 * @param shape sizes, row-major; dense weights are {@code [out, in]}
 * @param init the law of its first values
 * @param decayed whether weight decay applies: not to 1-D tensors, nor to the mask token
 * @param layer 0 for the embedding, i + 1 for encoder block i, depth + 1 for all behind; for
 *     layer-wise learning rates
 */
public record Parameter(String name, List<Integer> shape, Init init, boolean decayed, int layer)
    implements Serializable {
  /** Copies the shape. */
  public Parameter {
    shape = List.copyOf(shape);
  }

  /** Number of values. */
  public int size() {
    return shape.stream().reduce(1, Math::multiplyExact);
  }
}
