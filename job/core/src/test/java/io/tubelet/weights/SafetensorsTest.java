package io.tubelet.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tubelet.weights.Safetensors.Tensor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SafetensorsTest {
  private static byte[] sample() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    List<Safetensors.Entry> entries =
        List.of(
            new Safetensors.Entry(
                "b", List.of(2, 2), () -> new float[] {1, -2, Float.MIN_VALUE, 4}),
            new Safetensors.Entry("a \"quoted\" é", List.of(1), () -> new float[] {Float.NaN}));
    Safetensors.write(out, Map.of("step", "7"), entries);
    return out.toByteArray();
  }

  @Test
  void readsWhatItWrote() throws IOException {
    Map<String, Safetensors.Tensor> read = new HashMap<>();
    assertThat(Safetensors.read(new ByteArrayInputStream(sample()), read::put))
        .containsEntry("step", "7")
        .containsEntry("format", "pt");
    assertThat(read.get("b").floats()).containsExactly(1, -2, Float.MIN_VALUE, 4);
    assertThat(read.get("b").shape()).containsExactly(2, 2);
    assertThat(read.get("a \"quoted\" é").floats()).containsExactly(Float.NaN);
  }

  @Test
  void startsTheDataAtAMultipleOfEightBytes() throws IOException {
    long header = ByteBuffer.wrap(sample()).order(ByteOrder.LITTLE_ENDIAN).getLong();
    assertThat(header % 8).isZero();
    String json = new String(sample(), 8, (int) header, StandardCharsets.UTF_8);
    assertThat(json).startsWith("{\"__metadata__\"").contains("\"data_offsets\":[0,16]");
  }

  @Test
  void namesTheTensorInWhichAFileEnds() throws IOException {
    byte[] cut = Arrays.copyOf(sample(), sample().length - 5);
    assertThatThrownBy(() -> Safetensors.read(new ByteArrayInputStream(cut), (name, tensor) -> {}))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("ends in b");
  }

  @Test
  void refusesAFileThatIsNone() {
    byte[] text = "this is not a safetensors file".getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> Safetensors.read(new ByteArrayInputStream(text), (name, tensor) -> {}))
        .hasMessageContaining("not a safetensors file");
  }

  @Test
  void refusesTensorsThatOverlap() {
    String json =
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[2,6]}}";
    ByteBuffer file = ByteBuffer.allocate(8 + json.length() + 8).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(json.length()).put(json.getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(
            () -> Safetensors.read(new ByteArrayInputStream(file.array()), (name, tensor) -> {}))
        .hasMessageContaining("tensor b lies at 2");
  }

  private static Tensor tensor(String dtype, int... bits) {
    ByteBuffer bytes = ByteBuffer.allocate(2 * bits.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int value : bits) {
      bytes.putShort((short) value);
    }
    return new Tensor(dtype, List.of(bits.length), bytes.rewind());
  }

  @Test
  void widensHalfPrecision() {
    Tensor half =
        tensor("F16", 0x3C00, 0xC000, 0x3555, 0x0001, 0x0400, 0x7BFF, 0x8000, 0x7C00, 0xFC00);
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
    assertThat(tensor("F16", 0x7E00).floats()).containsExactly(Float.NaN);
  }

  @Test
  void widensBfloat16() {
    assertThat(tensor("BF16", 0x3F80, 0xC049).floats()).containsExactly(1f, -3.140625f);
  }

  @Test
  void readsTheSameTwice() {
    Tensor tensor = tensor("F16", 0x3C00);
    assertThat(tensor.floats()).isEqualTo(tensor.floats());
  }

  @Test
  void refusesWholeNumbers() {
    assertThatThrownBy(() -> tensor("I16", 1).floats()).hasMessageContaining("I16");
  }
}
