package io.tubelet.spark.run;

import io.tubelet.checkpoint.Safetensors;
import io.tubelet.checkpoint.Tensor;
import io.tubelet.model.Parameter;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.spark.failure.StateException;
import java.util.ArrayList;
import java.util.List;

/** Parameters as entries of a safetensors file, under Hugging Face's names, and back. */
final class ModelFile {
  private ModelFile() {}

  static List<Safetensors.Entry> entries(String prefix, Parameters parameters) {
    List<Safetensors.Entry> entries = new ArrayList<>();
    for (Parameter p : parameters.layout().parameters()) {
      entries.add(new Safetensors.Entry(prefix + p.name(), p.shape(), parameters.get(p.name())));
    }
    return entries;
  }

  /**
   * @throws StateException naming the first tensor that is missing or has another shape
   */
  static Parameters parameters(
      String prefix, ParameterLayout layout, Safetensors.Content file, String where) {
    List<float[]> values = new ArrayList<>();
    for (Parameter p : layout.parameters()) {
      Tensor tensor = file.tensors().get(prefix + p.name());
      if (tensor == null || !tensor.shape().equals(p.shape())) {
        throw new StateException(
            "%s: %s has shape %s, this network wants %s"
                .formatted(where, p.name(), tensor == null ? "none" : tensor.shape(), p.shape()));
      }
      values.add(tensor.floats());
    }
    return new Parameters(layout, values.toArray(float[][]::new));
  }
}
