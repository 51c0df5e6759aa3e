package io.tubelet.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tubelet.weights.Safetensors.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;

class TensorTest {
  private static Tensor of(String dtype, int... bits) {
    ByteBuffer bytes = ByteBuffer.allocate(2 * bits.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int value : bits) {
      bytes.putShort((short) value);
    }
    return new Tensor(dtype, List.of(bits.length), bytes.rewind());
  }

  @Test
  void widensHalfPrecision() {
    Tensor half = of("F16", 0x3C00, 0xC000, 0x3555, 0x0001, 0x0400, 0x7BFF, 0x8000, 0x7C00, 0xFC00);
    assertThat(half.floats())
        .containsExactly(
            1f,
            -2f,
            0.33325195f,
            5.9604645e-8f,
            6.1035156e-5f,
            65504f,
            -0f,
            Float.POSITIVE_INFINITY,
            Float.NEGATIVE_INFINITY);
    assertThat(of("F16", 0x7E00).floats()).containsExactly(Float.NaN);
  }

  @Test
  void widensBfloat16() {
    assertThat(of("BF16", 0x3F80, 0xC049).floats()).containsExactly(1f, -3.140625f);
  }

  @Test
  void readsTheSameTwice() {
    Tensor tensor = of("F16", 0x3C00);
    assertThat(tensor.floats()).isEqualTo(tensor.floats());
  }

  @Test
  void refusesWholeNumbers() {
    assertThatThrownBy(() -> of("I16", 1).floats()).hasMessageContaining("I16");
  }
}
