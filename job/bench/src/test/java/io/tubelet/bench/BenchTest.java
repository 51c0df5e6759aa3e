package io.tubelet.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.engine.Placement;
import io.tubelet.masking.TubeMasking;
import io.tubelet.model.ModelSize;
import io.tubelet.model.ModelSpec;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BenchTest {
  private static final ClipGeometry FULL = new ClipGeometry(16, 224, 224, 2, 16);
  private static final ClipGeometry SMALL = new ClipGeometry(4, 32, 32, 2, 8);

  @Test
  void countsThePapersArithmetic() {
    ModelSpec small = ModelSize.S.pretraining(FULL);
    ModelSpec base = ModelSize.B.pretraining(FULL);
    assertThat(Yardstick.forward(small, 160) * 1e-9).isCloseTo(11.54, within(0.005));
    assertThat(Yardstick.forward(base, 160) * 1e-9).isCloseTo(35.44, within(0.005));
    assertThat(Yardstick.training(small, 160) * 1e-9).isCloseTo(69.2, within(0.05));
    assertThat(Yardstick.training(base, 160) * 1e-9).isCloseTo(212.6, within(0.05));
    assertThat(Yardstick.forward(base.classifier(400), 1568) * 1e-9).isCloseTo(180.3, within(0.1));
  }

  @Test
  void measuresASmallNetworkAndNamesEveryNumber() {
    Map<String, Object> figures = small(ModelSize.TINY.pretraining(SMALL)).run();
    for (String key : List.of("gemm_gflops", "step_gflops", "step_to_gemm", "clips_per_second")) {
      assertThat((double) figures.get(key)).as(key).isPositive();
    }
    assertThat((long) figures.get("peak_bytes")).isGreaterThan(1L << 20);
    assertThat((long) figures.get("peak_bytes_per_clip"))
        .isBetween(0L, (long) figures.get("peak_bytes"));
    assertThat(figures)
        .containsKeys("precision", "batch", "wait_share")
        .containsEntry("engine", "torch")
        .containsEntry("device", "cpu")
        .containsEntry("model", "tiny");
  }

  @Test
  void measuresAClassifier() {
    Map<String, Object> figures = small(ModelSize.TINY.pretraining(SMALL).classifier(3)).run();
    assertThat((double) figures.get("clips_per_second")).isPositive();
  }

  private static StepsCost small(ModelSpec model) {
    return new StepsCost("torch", Placement.ONE_THREAD, "tiny", model, new TubeMasking(0.5), 2, 1);
  }
}
