package io.tubelet.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.model.ModelSize;
import io.tubelet.model.ModelSpec;
import org.junit.jupiter.api.Test;

class BenchTest {
  private static final ClipGeometry FULL = new ClipGeometry(16, 224, 224, 2, 16);

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
}
