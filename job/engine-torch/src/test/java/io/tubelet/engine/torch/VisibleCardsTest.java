package io.tubelet.engine.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class VisibleCardsTest {

  @Test
  void changesWhatNativeCodeOfThisProcessReads() {
    assertThat(System.getenv()).doesNotContainKey("TUBELET_VISIBLE");
    VisibleCards.only("TUBELET_VISIBLE", List.of("2", "GPU-1a"));
    assertThat(torch.get_env("TUBELET_VISIBLE").get().getString()).isEqualTo("2,GPU-1a");
    assertThat(torch.get_env("CUDA_DEVICE_ORDER").get().getString()).isEqualTo("PCI_BUS_ID");
  }
}
