package io.tubelet.engine.torch;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.model.Parameter;
import io.tubelet.model.ParameterLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * One tensor as this engine keeps it, and which of the layout's tensors it is made of.
 *
 * <p>Two differ from the layout: query, key and value are one {@code [3 · dim, dim]} matrix with
 * one bias {@code [3 · dim]}, whose middle third belongs to no parameter; and the embedding's
 * kernel is {@code [dim, cubeValues]} in the pixels' order, channel fastest, so that cubes are
 * multiplied as they come.
 *
 * @param name the parameter's name; {@code ….queryKeyValue.weight} and {@code .bias} for the fused
 * @param shape sizes, row-major
 * @param channelMajor rows have their channels slowest in the layout
 * @param parts the layout's tensors in it
 * @param like one of them: what optimisers ask for is the same for all
 */
record Leaf(String name, long[] shape, boolean channelMajor, List<Part> parts, Parameter like) {
  /** What the fused tensors are called. */
  static final String FUSED = "queryKeyValue";

  /**
   * A parameter's place in a leaf.
   *
   * @param index of the parameter in the layout
   * @param offset of its first value in the leaf
   */
  record Part(int index, long offset) {}

  /** The leaves of a network, in the layout's order. */
  static List<Leaf> of(ParameterLayout layout) {
    List<Leaf> leaves = new ArrayList<>();
    List<Parameter> parameters = layout.parameters();
    for (int i = 0; i < parameters.size(); i++) {
      Parameter parameter = parameters.get(i);
      String name = parameter.name();
      if (name.endsWith("query.weight")) {
        leaves.add(fusedWeight(parameter, i));
      } else if (name.endsWith("q_bias")) {
        leaves.add(fusedBias(parameter, i));
      } else if (!name.endsWith("key.weight")
          && !name.endsWith("value.weight")
          && !name.endsWith("v_bias")) {
        leaves.add(single(parameter, i));
      }
    }
    return leaves;
  }

  /** Query, key and value stand side by side in the layout. */
  private static Leaf fusedWeight(Parameter query, int index) {
    long dim = query.shape().get(0);
    List<Part> parts =
        List.of(
            new Part(index, 0), new Part(index + 1, dim * dim), new Part(index + 2, 2 * dim * dim));
    String name = query.name().replace("query", FUSED);
    return new Leaf(name, new long[] {3 * dim, dim}, false, parts, query);
  }

  private static Leaf fusedBias(Parameter query, int index) {
    long dim = query.size();
    List<Part> parts = List.of(new Part(index, 0), new Part(index + 1, 2 * dim));
    String name = query.name().replace("q_bias", FUSED + ".bias");
    return new Leaf(name, new long[] {3 * dim}, false, parts, query);
  }

  private static Leaf single(Parameter parameter, int index) {
    List<Integer> shape = parameter.shape();
    boolean kernel = shape.size() == 5;
    long[] sizes =
        kernel
            ? new long[] {shape.get(0), parameter.size() / shape.get(0)}
            : shape.stream().mapToLong(Integer::longValue).toArray();
    return new Leaf(parameter.name(), sizes, kernel, List.of(new Part(index, 0)), parameter);
  }

  /** Number of values. */
  long size() {
    long size = 1;
    for (long side : shape) {
      size *= side;
    }
    return size;
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
