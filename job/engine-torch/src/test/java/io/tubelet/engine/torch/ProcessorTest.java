package io.tubelet.engine.torch;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.engine.Device;
import io.tubelet.engine.Placement.Precision;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProcessorTest {
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
