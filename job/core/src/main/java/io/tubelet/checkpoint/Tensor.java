package io.tubelet.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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
   * The values of an {@code F32} tensor; {@code F64} rounded to float, {@code F16} and {@code BF16}
   * widened.
   *
   * @throws IllegalArgumentException for another type
   */
  public float[] floats() {
    ByteBuffer bytes = data.duplicate().order(ByteOrder.LITTLE_ENDIAN).rewind();
    return switch (dtype) {
      case "F32" -> {
        float[] values = new float[bytes.limit() / Float.BYTES];
        bytes.asFloatBuffer().get(values);
        yield values;
      }
      case "F64" -> each(bytes, Double.BYTES, at -> (float) bytes.getDouble(at));
      case "F16" -> each(bytes, Short.BYTES, at -> half(bytes.getShort(at)));
      case "BF16" ->
          each(bytes, Short.BYTES, at -> Float.intBitsToFloat(bytes.getShort(at) << Short.SIZE));
      default -> throw new IllegalArgumentException("not a float tensor: " + dtype);
    };
  }

  /** Reads the float that starts at a byte. */
  @FunctionalInterface
  private interface Reading {
    float at(int offset);
  }

  private static float[] each(ByteBuffer bytes, int width, Reading reading) {
    float[] values = new float[bytes.limit() / width];
    for (int i = 0; i < values.length; i++) {
      values[i] = reading.at(i * width);
    }
    return values;
  }

  /** IEEE 754 binary16: sign, 5 bits of exponent, 10 of fraction. */
  private static float half(short bits) {
    int exponent = bits >> 10 & 0x1F;
    int fraction = bits & 0x3FF;
    float size =
        switch (exponent) {
          case 0 -> Math.scalb((float) fraction, -24);
          case 0x1F -> fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
          default -> Math.scalb((float) (fraction + 0x400), exponent - 25);
        };
    return bits < 0 ? -size : size;
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
