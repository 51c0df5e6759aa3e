package io.tubelet.spark.run;

import io.tubelet.model.Parameter;
import io.tubelet.model.ParameterLayout;
import io.tubelet.training.StateBuilder;
import io.tubelet.training.StatePart;
import io.tubelet.training.StateView;
import io.tubelet.weights.Safetensors;
import io.tubelet.weights.Safetensors.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Parts of a state as tensors of a safetensors file, under Hugging Face's names, and back. */
final class ModelFile {
  private ModelFile() {}

  static List<Safetensors.Entry> entries(StateView state, List<StatePart> parts) {
    List<Safetensors.Entry> entries = new ArrayList<>();
    for (StatePart part : parts) {
      List<Parameter> tensors = state.layout().parameters();
      for (int i = 0; i < tensors.size(); i++) {
        int index = i;
        Parameter p = tensors.get(i);
        String name = part.prefix() + p.name();
        entries.add(new Safetensors.Entry(name, p.shape(), () -> state.tensor(part, index)));
      }
    }
    return entries;
  }

  /** Takes the tensors of a file as they are read and hands those of a state to its builder. */
  static final class Reader implements Safetensors.Visitor {
    private final ParameterLayout layout;
    private final StateBuilder<?> builder;
    private final Map<String, StatePart> missing = new LinkedHashMap<>();

    /**
     * @param parts the parts that the file must hold
     */
    Reader(ParameterLayout layout, List<StatePart> parts, StateBuilder<?> builder) {
      this.layout = layout;
      this.builder = builder;
      for (StatePart part : parts) {
        layout.parameters().forEach(p -> missing.put(part.prefix() + p.name(), part));
      }
    }

    /**
     * @throws IllegalArgumentException naming the tensor if it has another shape, or comes when it
     *     cannot be taken
     */
    @Override
    public void visit(String name, Tensor tensor) {
      StatePart part = missing.remove(name);
      if (part == null) {
        return;
      }
      int index = layout.index(name.substring(part.prefix().length()));
      requireShape(name, index, tensor.shape());
      builder.add(part, index, tensor.floats());
    }

    /**
     * @throws IllegalArgumentException naming the first tensor that the file lacks
     */
    void finish() {
      missing.forEach(
          (name, part) ->
              requireShape(name, layout.index(name.substring(part.prefix().length())), null));
    }

    private void requireShape(String name, int index, List<Integer> found) {
      List<Integer> wanted = layout.parameters().get(index).shape();
      if (!wanted.equals(found)) {
        throw new IllegalArgumentException(
            "%s has shape %s, this network wants %s"
                .formatted(name, found == null ? "none" : found, wanted));
      }
    }
  }
}
