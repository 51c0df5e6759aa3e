package io.tubelet.engine.torch;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.engine.torch.Block.Dense;
import io.tubelet.engine.torch.Block.Norm;
import io.tubelet.model.Parameter;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A network's parameters in native memory, as leaves of autograd's graphs, fp32, and the constants
 * of its layers. The tensors stay the same objects for good, so that layers may hold them; only
 * their values change.
 *
 * @param tensors one of each leaf
 * @param tables the constants
 */
record Weights(
    ParameterLayout layout,
    TorchDevice device,
    List<Leaf> leaves,
    List<Tensor> tensors,
    Map<String, Tensor> byName,
    List<Tensor> tables)
    implements AutoCloseable {
  /** What the fused tensors of query, key and value are called. */
  static final String FUSED = "queryKeyValue";

  Weights(ParameterLayout layout, TorchDevice device) {
    this(layout, device, zeros(layout, device));
  }

  private Weights(ParameterLayout layout, TorchDevice device, List<Tensor> tensors) {
    this(layout, device, Leaf.of(layout), tensors, new HashMap<>(), new ArrayList<>());
    for (int i = 0; i < leaves.size(); i++) {
      tensors.get(i).set_requires_grad(true);
      byName.put(leaves.get(i).name(), tensors.get(i));
    }
  }

  /** Tensors of the leaves' shapes, e.g. for moments; the caller must release them. */
  List<Tensor> zeros() {
    return zeros(layout, device);
  }

  private static List<Tensor> zeros(ParameterLayout layout, TorchDevice device) {
    return Leaf.of(layout).stream()
        .map(leaf -> Scope.own(() -> torch.zeros(leaf.shape(), device.options(ScalarType.Float))))
        .toList();
  }

  /** The same values for another worker, as leaves whose gradients are their own. */
  Weights shared(TorchDevice worker) {
    return new Weights(
        layout, worker, tensors.stream().map(tensor -> Scope.own(tensor::detach)).toList());
  }

  /** Constants {@code shape} on the device, freed with the weights. */
  Tensor table(float[] values, long... shape) {
    Tensor table =
        Scope.own(
            () ->
                torch
                    .tensor(values, new TensorOptions(ScalarType.Float))
                    .view(shape)
                    .to(device.options(ScalarType.Float).device(), ScalarType.Float));
    tables.add(table);
    return table;
  }

  Tensor get(String name) {
    return byName.get(name);
  }

  Norm norm(String name) {
    return new Norm(byName.get(name + ".weight"), byName.get(name + ".bias"));
  }

  /** A dense layer; without bias where the layout has none. */
  Dense dense(String name) {
    Tensor weight = byName.get(name + ".weight");
    return new Dense(weight, byName.get(name + ".bias"), 0, weight.size(0), device.gemm());
  }

  List<Tensor> gradients() {
    for (int i = 0; i < leaves.size(); i++) {
      if (leaves.get(i).like().frozen()) {
        tensors.get(i).mutable_grad().put(torch.zeros_like(tensors.get(i).detach()));
      } else if (leaves.get(i).hasNoKeys()) {
        long dim = leaves.get(i).shape()[0] / 3;
        tensors.get(i).grad().narrow(0, dim, dim).zero_();
      }
    }
    return tensors.stream().map(Tensor::grad).toList();
  }

  /** Adds the gradients of others to these; either may have none yet. The others' are gone then. */
  void takeGradients(Weights others) {
    for (int i = 0; i < tensors.size(); i++) {
      Tensor gradient = others.tensors.get(i).grad();
      if (gradient.defined()) {
        Tape.backward(tensors.get(i), gradient);
      }
    }
    others.dropGradients();
  }

  void dropGradients() {
    tensors.forEach(tensor -> tensor.mutable_grad().reset());
  }

  /** Copies values of the layout, a buffer a tensor, into tensors of the leaves' shapes. */
  void write(List<FloatBuffer> from, List<Tensor> to) {
    for (int i = 0; i < leaves.size(); i++) {
      Leaf leaf = leaves.get(i);
      Tensor target = to.get(i);
      Scope.run(() -> target.copy_(staged(leaf, from)));
    }
  }

  /** Values of the layout as tensors of the leaves' shapes; the buffers themselves if they can. */
  List<Tensor> onDevice(List<FloatBuffer> from) {
    var options = device.options(ScalarType.Float);
    return leaves.stream()
        .map(leaf -> staged(leaf, from).to(options.device(), ScalarType.Float))
        .toList();
  }

  private static Tensor staged(Leaf leaf, List<FloatBuffer> from) {
    FloatBuffer first = from.get(leaf.parts().get(0).index());
    if (leaf.parts().size() == 1 && !leaf.channelMajor() && first.isDirect()) {
      TensorOptions options = new TensorOptions(ScalarType.Float);
      return torch.from_blob(new FloatPointer(first), leaf.shape(), options);
    }
    Tensor values = torch.zeros(leaf.shape(), new TensorOptions(ScalarType.Float));
    FloatBuffer all = values.data_ptr_float().capacity(values.numel()).asBuffer();
    for (Leaf.Part part : leaf.parts()) {
      FloatBuffer tensor = from.get(part.index());
      all.put((int) part.offset(), tensor, 0, tensor.capacity());
    }
    return leaf.channelMajor()
        ? values.view(leaf.channelMajorShape()).transpose(1, 2).reshape(leaf.shape())
        : values;
  }

  /** Copies tensors of the leaves' shapes out into the layout's form. */
  Parameters read(List<Tensor> from) {
    Parameters to = Parameters.zero(layout);
    read(from, to.buffers());
    return to;
  }

  void read(List<Tensor> from, List<FloatBuffer> to) {
    for (int i = 0; i < leaves.size(); i++) {
      Leaf leaf = leaves.get(i);
      Tensor source = from.get(i);
      Scope.run(() -> unstage(leaf, source.cpu(), to));
    }
  }

  private static void unstage(Leaf leaf, Tensor from, List<FloatBuffer> to) {
    Tensor values = from;
    if (leaf.channelMajor()) {
      long[] shape = leaf.channelMajorShape();
      values = from.view(shape[0], shape[2], shape[1]).transpose(1, 2);
    }
    FloatBuffer all = values.contiguous().data_ptr_float().capacity(values.numel()).asBuffer();
    for (Leaf.Part part : leaf.parts()) {
      FloatBuffer tensor = to.get(part.index());
      tensor.put(0, all, (int) part.offset(), tensor.capacity());
    }
  }

  @Override
  public void close() {
    dropGradients();
    tensors.forEach(Tensor::releaseReference);
    tables.forEach(Tensor::releaseReference);
  }

  /**
   * One tensor as this engine keeps it, and which of the layout's tensors it is made of.
   *
   * <p>Two differ from the layout: query, key and value are one {@code [3 · dim, dim]} matrix with
   * one bias {@code [3 · dim]}, whose middle third belongs to no parameter; and the embedding's
   * kernel is {@code [dim, cubeValues]} in the pixels' order, channel fastest, so that cubes are
   * multiplied as they come.
   *
   * @param name the parameter's; {@code ….queryKeyValue.weight} and {@code .bias} for the fused
   * @param parts the layout's tensors in it
   * @param like one of them: what optimisers ask for is the same for all
   */
  record Leaf(String name, long[] shape, List<Part> parts, Parameter like) {
    /** The index of a parameter in the layout, and of its first value in the leaf. */
    record Part(int index, long offset) {}

    /** Those of a network, in the layout's order, where query, key and value are neighbours. */
    static List<Leaf> of(ParameterLayout layout) {
      List<Leaf> leaves = new ArrayList<>();
      List<Parameter> parameters = layout.parameters();
      for (int i = 0; i < parameters.size(); i++) {
        Parameter one = parameters.get(i);
        String name = one.name();
        long rows = one.shape().get(0);
        long size = one.size();
        if (name.endsWith("query.weight")) {
          List<Part> parts =
              List.of(new Part(i, 0), new Part(i + 1, size), new Part(i + 2, 2 * size));
          leaves.add(
              new Leaf(name.replace("query", FUSED), new long[] {3 * rows, rows}, parts, one));
        } else if (name.endsWith("q_bias")) {
          List<Part> parts = List.of(new Part(i, 0), new Part(i + 1, 2 * size));
          leaves.add(
              new Leaf(name.replace("q_bias", FUSED + ".bias"), new long[] {3 * rows}, parts, one));
        } else if (!name.matches(".*(key.weight|value.weight|v_bias)")) {
          leaves.add(new Leaf(name, shape(one), List.of(new Part(i, 0)), one));
        }
      }
      return leaves;
    }

    private static long[] shape(Parameter one) {
      long rows = one.shape().get(0);
      return one.shape().size() == 5
          ? new long[] {rows, one.size() / rows}
          : one.shape().stream().mapToLong(Integer::longValue).toArray();
    }

    /** Whether its rows, those of the embedding's kernel, have channels slowest in the layout. */
    boolean channelMajor() {
      return like.shape().size() == 5;
    }

    /** Whether its middle third is no parameter and must stay zero. */
    boolean hasNoKeys() {
      return parts.size() == 2;
    }

    /** {@code [rows, channel, pixels]} of a kernel. */
    long[] channelMajorShape() {
      return new long[] {shape[0], ClipGeometry.CHANNELS, shape[1] / ClipGeometry.CHANNELS};
    }
  }
}
