package io.tubelet.engine.dl4j.conf;

import io.tubelet.model.Parameter;
import java.io.Serializable;
import java.util.List;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * One tensor of a layer.
 *
 * @param name its full name, which is its DL4J parameter key
 * @param shape sizes, row-major
 * @param decayed whether weight decay applies
 */
public record LayerTensor(
    @JsonProperty("name") String name,
    @JsonProperty("shape") List<Integer> shape,
    @JsonProperty("decayed") boolean decayed)
    implements Serializable {

  /** Copies the shape. */
  public LayerTensor {
    shape = List.copyOf(shape);
  }

  static LayerTensor of(Parameter parameter) {
    return new LayerTensor(parameter.name(), parameter.shape(), parameter.decayed());
  }

  long[] sizes() {
    return shape.stream().mapToLong(Integer::longValue).toArray();
  }

  long length() {
    return shape.stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
  }
}
