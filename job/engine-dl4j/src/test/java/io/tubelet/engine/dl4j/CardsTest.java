package io.tubelet.engine.dl4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CardsTest {
  private static Optional<String> refusal(int index, String... capabilities) {
    return new Nd4jEngineProvider.Cards(List.of(capabilities)).refusal(index);
  }

  @ParameterizedTest
  @ValueSource(strings = {"3.7", "6.0", "7.0", "7.5", "8.0", "8.6", "8.9"})
  void takesCardsItHasMachineCodeFor(String capability) {
    assertThat(refusal(0, capability)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"9.0", "10.0", "10.3", "12.0", "12.1"})
  void refusesNewerCardsAndNamesTheOtherEngine(String capability) {
    assertThat(refusal(0, capability).orElseThrow())
        .contains(capability, "3.7 to 8.9", "engine = torch", "cuda13");
  }

  @Test
  void refusesWhatItCannotJudge() {
    assertThat(refusal(0, "3.5").orElseThrow()).contains("'3.5'", "3.7 to 8.9");
    assertThat(refusal(0, "[N/A]").orElseThrow()).contains("'[N/A]'");
    assertThat(refusal(0).orElseThrow()).contains("no NVIDIA card");
  }

  @Test
  void wantsOneVisibleCard() {
    assertThat(refusal(0, "8.0", "8.0").orElseThrow()).contains("CUDA_VISIBLE_DEVICES");
    assertThat(refusal(1, "8.0").orElseThrow()).contains("cuda:0, not cuda:1");
  }
}
