package io.tubelet.model;

import io.tubelet.clip.SampleSeed;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Values for every tensor of a layout: weights, gradients or moments. Row-major fp32, one array a
 * tensor, in the layout's order. The arrays are shared, not copied: whoever made the object may
 * still write to them, and says so where it does.
 */
public record Parameters(ParameterLayout layout, float[][] values) implements Serializable {

  /** Fails if an array is missing or of another length. */
  public Parameters {
    if (values.length != layout.parameters().size()) {
      throw new IllegalArgumentException(
          "%d arrays for %d parameters".formatted(values.length, layout.parameters().size()));
    }
    for (int i = 0; i < values.length; i++) {
      Parameter parameter = layout.parameters().get(i);
      if (values[i].length != parameter.size()) {
        throw new IllegalArgumentException(
            "%s: expected %d values, got %d"
                .formatted(parameter.name(), parameter.size(), values[i].length));
      }
    }
  }

  public static Parameters zero(ParameterLayout layout) {
    float[][] values =
        layout.parameters().stream().map(p -> new float[p.size()]).toArray(float[][]::new);
    return new Parameters(layout, values);
  }

  /**
   * First values of a network; each tensor's stream comes from (seed, name) alone, and one that
   * follows another starts equal to it.
   */
  public static Parameters draw(ParameterLayout layout, long seed) {
    float[][] drawn =
        IntStream.range(0, layout.parameters().size())
            .mapToObj(index -> draw(layout, index, seed))
            .toArray(float[][]::new);
    return new Parameters(layout, drawn);
  }

  /** First values of the i-th tensor. */
  public static float[] draw(ParameterLayout layout, int index, long seed) {
    Parameter parameter = layout.parameters().get(index);
    RandomGenerator random = SampleSeed.of(seed, 0, Parameter.followed(parameter.name()));
    float[] values = new float[parameter.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = parameter.init().draw(random);
    }
    return values;
  }

  /** The values of one tensor, not a copy. */
  public float[] get(String name) {
    return values[layout.index(name)];
  }

  /** The values of the i-th tensor, not a copy. */
  public float[] get(int index) {
    return values[index];
  }

  /** All values, a buffer for each tensor: not copies. */
  public List<FloatBuffer> buffers() {
    return Arrays.stream(values).map(FloatBuffer::wrap).toList();
  }

  /** SHA-256 over all bits, in order: equal digests mean equal bits. */
  public String digest() {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      for (float[] tensor : values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * tensor.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(tensor);
        sha.update(bytes);
      }
      return HexFormat.of().formatHex(sha.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Parameters that
        && layout.model().equals(that.layout.model())
        && Arrays.deepEquals(values, that.values);
  }

  @Override
  public int hashCode() {
    return Arrays.deepHashCode(values);
  }
}
