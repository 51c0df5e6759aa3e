package io.tubelet.checkpoint;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * One tensor of a safetensors file.
 *
 * @param dtype {@code F32}, {@code F64}, {@code U8}, {@code I32}, …
 * @param shape sizes, row-major
 * @param data its bytes, little-endian, position 0 to limit
 */
public record Tensor(String dtype, List<Integer> shape, ByteBuffer data) {

  /**
   * The values of an {@code F32} tensor, or an {@code F64} one rounded to float.
   *
   * @throws IllegalArgumentException for another type
   */
  public float[] floats() {
    switch (dtype) {
      case "F32" -> {
        float[] values = new float[data.limit() / Float.BYTES];
        data.asFloatBuffer().get(values);
        return values;
      }
      case "F64" -> {
        double[] wide = doubles();
        float[] values = new float[wide.length];
        for (int i = 0; i < wide.length; i++) {
          values[i] = (float) wide[i];
        }
        return values;
      }
      default -> throw new IllegalArgumentException("not a float tensor: " + dtype);
    }
  }

  /** The values of an {@code F64} tensor. */
  public double[] doubles() {
    if (!dtype.equals("F64")) {
      throw new IllegalArgumentException("not a double tensor: " + dtype);
    }
    double[] values = new double[data.limit() / Double.BYTES];
    data.asDoubleBuffer().get(values);
    return values;
  }

  /** The raw bytes, copied. */
  public byte[] bytes() {
    byte[] bytes = new byte[data.limit()];
    data.duplicate().rewind().get(bytes);
    return bytes;
  }
}
