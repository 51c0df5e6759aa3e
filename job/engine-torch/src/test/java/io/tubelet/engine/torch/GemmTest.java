package io.tubelet.engine.torch;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.engine.Placement.Device;
import io.tubelet.engine.Placement.Precision;
import io.tubelet.engine.torch.Gemm.Processor;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GemmTest {
  // [1 2 3; 4 5 6] · [7 8; 9 10; 11 12]
  private static final float[] PRODUCT = {58, 64, 139, 154};

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void multipliesFactorsHoweverTheyLie(boolean oneDnn) {
    Natives.load();
    Gemm gemm = new Gemm(ScalarType.Float, true, oneDnn);
    Scope.run(
        () -> {
          for (Tensor a : lying(2, 1, 2, 3, 4, 5, 6)) {
            for (Tensor b : lying(3, 7, 8, 9, 10, 11, 12)) {
              assertMultiplied(gemm, a, b);
            }
          }
        });
  }

  private static void assertMultiplied(Gemm gemm, Tensor a, Tensor b) {
    Tensor alone = gemm.multiply(a, b);
    assertThat(alone.is_contiguous()).isTrue();
    assertThat(Tensors.values(alone)).containsExactly(PRODUCT);
    assertThat(Tensors.values(gemm.multiply(a, b, torch.empty(2, 2)))).containsExactly(PRODUCT);
    Tensor wide = torch.ones(2, 5);
    Tensor out = wide.narrow(1, 2, 2);
    gemm.put(out, a, b);
    gemm.add(out, a, b);
    assertThat(Tensors.values(wide)).containsExactly(1, 1, 116, 128, 1, 1, 1, 278, 308, 1);
  }

  /** Row by row, column by column, and as a part of a wider matrix. */
  private static List<Tensor> lying(long rows, float... values) {
    Tensor plain = torch.tensor(values, new TensorOptions(ScalarType.Float)).view(rows, -1);
    Tensor wide = torch.cat(new TensorVector(plain, plain), 1);
    return List.of(plain, plain.t().contiguous().t(), wide.narrow(1, 0, plain.size(1)));
  }

  @Test
  void findsInstructionsForBf16ByTheNamesThatLinuxGivesThem() {
    for (String line :
        List.of(
            "flags\t\t: fpu avx512f avx512_bf16 sse",
            "flags\t\t: fpu amx_tile amx_bf16",
            "Features\t: fp asimd bf16")) {
      Processor processor = Processor.of(Stream.of("processor\t: 0", line));
      assertThat(processor.multipliesBf16()).as(line).isTrue();
    }
    Stream<String> older = Stream.of("model name\t: bf16", "flags\t\t: fpu avx2 avx512f", "");
    assertThat(Processor.of(older).multipliesBf16()).isFalse();
    assertThat(new TorchEngineProvider().precisions(Device.CPU))
        .contains(Precision.FP32)
        .doesNotContain(Precision.TF32);
  }

  @ParameterizedTest
  @CsvSource({
    "AuthenticAMD, 26, avx2 avx512f, true", // Zen 5
    "AuthenticAMD, 25, avx2 avx512f, false", // Zen 4
    "AuthenticAMD, 26, avx2, false", // AVX-512 switched off
    "GenuineIntel, 26, avx2 avx512f, false"
  })
  void tellsWhereMklLeavesHalfOfTheUnitsIdle(
      String vendor, int family, String flags, boolean wider) {
    Stream<String> lines =
        Stream.of("vendor_id\t: " + vendor, "cpu family\t: " + family, "flags\t\t: " + flags);
    assertThat(Processor.of(lines).isWiderThanMkl()).isEqualTo(wider);
  }

  @Test
  void promisesNothingWhereLinuxSaysNothing() {
    Processor unknown = Processor.of(Stream.of());
    assertThat(unknown.multipliesBf16()).isFalse();
    assertThat(unknown.isWiderThanMkl()).isFalse();
  }
}
