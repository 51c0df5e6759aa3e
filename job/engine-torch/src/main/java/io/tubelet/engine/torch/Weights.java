package io.tubelet.engine.torch;

import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A network's parameters in native memory, as leaves of autograd's graphs, fp32. The tensors stay
 * the same objects for good, so that layers may hold them; only their values change.
 */
final class Weights implements AutoCloseable {
  private final ParameterLayout layout;
  private final Site site;
  private final List<Leaf> leaves;
  private final List<Tensor> tensors;
  private final Map<String, Tensor> byName = new HashMap<>();

  /** All zero. */
  Weights(ParameterLayout layout, Site site) {
    this(layout, site, zeros(layout, site));
  }

  private Weights(ParameterLayout layout, Site site, List<Tensor> tensors) {
    this.layout = layout;
    this.site = site;
    this.leaves = Leaf.of(layout);
    this.tensors = tensors;
    for (int i = 0; i < leaves.size(); i++) {
      tensors.get(i).set_requires_grad(true);
      byName.put(leaves.get(i).name(), tensors.get(i));
    }
  }

  /** Tensors of the leaves' shapes, e.g. for moments; the caller must release them. */
  List<Tensor> zeros() {
    return zeros(layout, site);
  }

  private static List<Tensor> zeros(ParameterLayout layout, Site site) {
    return Leaf.of(layout).stream()
        .map(leaf -> Scope.own(() -> torch.zeros(leaf.shape(), site.options(ScalarType.Float))))
        .toList();
  }

  /** The same values, as leaves whose gradients are their own. */
  Weights shared() {
    return new Weights(
        layout, site, tensors.stream().map(tensor -> Scope.own(tensor::detach)).toList());
  }

  ParameterLayout layout() {
    return layout;
  }

  List<Leaf> leaves() {
    return leaves;
  }

  List<Tensor> tensors() {
    return tensors;
  }

  Tensor get(String name) {
    return byName.get(name);
  }

  Norm norm(String name) {
    return new Norm(byName.get(name + ".weight"), byName.get(name + ".bias"));
  }

  /** A dense layer; without bias where the layout has none. */
  Dense dense(String name) {
    return new Dense(byName.get(name + ".weight"), byName.get(name + ".bias"), site);
  }

  /** The gradients, after a backward pass, in the order of the leaves. */
  List<Tensor> gradients() {
    for (int i = 0; i < leaves.size(); i++) {
      if (leaves.get(i).hasNoKeys()) {
        long dim = leaves.get(i).size() / 3;
        tensors.get(i).grad().narrow(0, dim, dim).zero_();
      }
    }
    return tensors.stream().map(Tensor::grad).toList();
  }

  /** Adds the gradients of others to these, which may be none yet; the others' are gone then. */
  void takeGradients(Weights others) {
    for (int i = 0; i < tensors.size(); i++) {
      Tensor gradient = others.tensors.get(i).grad();
      if (tensors.get(i).grad().defined()) {
        tensors.get(i).grad().add_(gradient);
      } else {
        tensors.get(i).mutable_grad().put(gradient);
      }
    }
    others.dropGradients();
  }

  /** Forgets and frees the gradients. */
  void dropGradients() {
    tensors.forEach(tensor -> tensor.mutable_grad().reset());
  }

  /** Copies values of the layout into tensors of the leaves' shapes. */
  void write(Parameters from, List<Tensor> to) {
    for (int i = 0; i < leaves.size(); i++) {
      Leaf leaf = leaves.get(i);
      Tensor target = to.get(i);
      Scope.run(() -> Scope.untracked(() -> target.copy_(staged(leaf, from))));
    }
  }

  private static Tensor staged(Leaf leaf, Parameters from) {
    Tensor values = torch.zeros(leaf.shape(), new TensorOptions(ScalarType.Float));
    FloatPointer pointer = values.data_ptr_float();
    for (Leaf.Part part : leaf.parts()) {
      float[] array = from.get(part.index());
      pointer.getPointer(part.offset()).put(array, 0, array.length);
    }
    return leaf.channelMajor()
        ? values.view(leaf.channelMajorShape()).transpose(1, 2).reshape(leaf.shape())
        : values;
  }

  /** Copies tensors of the leaves' shapes out into the layout's form. */
  Parameters read(List<Tensor> from) {
    Parameters to = Parameters.zero(layout);
    for (int i = 0; i < leaves.size(); i++) {
      Leaf leaf = leaves.get(i);
      Tensor source = from.get(i);
      Scope.run(() -> unstage(leaf, source.detach().cpu(), to));
    }
    return to;
  }

  private static void unstage(Leaf leaf, Tensor from, Parameters to) {
    Tensor values = from;
    if (leaf.channelMajor()) {
      long[] shape = leaf.channelMajorShape();
      values = from.view(shape[0], shape[2], shape[1]).transpose(1, 2);
    }
    FloatPointer pointer = values.contiguous().data_ptr_float();
    for (Leaf.Part part : leaf.parts()) {
      float[] array = to.get(part.index());
      pointer.getPointer(part.offset()).get(array, 0, array.length);
    }
  }

  @Override
  public void close() {
    dropGradients();
    tensors.forEach(Tensor::releaseReference);
  }
}
