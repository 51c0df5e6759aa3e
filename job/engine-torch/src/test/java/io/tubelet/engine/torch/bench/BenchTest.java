package io.tubelet.engine.torch.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.cube.CubeBatch;
import io.tubelet.engine.Engine;
import io.tubelet.engine.Placement;
import io.tubelet.engine.torch.TorchEngineProvider;
import io.tubelet.masking.TubeMasking;
import io.tubelet.model.ModelSize;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.training.LearningRate;
import io.tubelet.training.Optimizer;
import io.tubelet.training.TrainState;
import io.tubelet.training.Training;
import org.junit.jupiter.api.Test;

class BenchTest {
  private static final ClipGeometry FULL = new ClipGeometry(16, 224, 224, 2, 16);
  private static final ClipGeometry SMALL = new ClipGeometry(4, 32, 32, 2, 8);

  @Test
  void countsThePapersArithmetic() {
    ModelSpec small = ModelSize.S.pretraining(FULL);
    ModelSpec base = ModelSize.B.pretraining(FULL);
    assertThat(Flops.forward(small, 160) * 1e-9).isCloseTo(11.54, within(0.005));
    assertThat(Flops.forward(base, 160) * 1e-9).isCloseTo(35.44, within(0.005));
    assertThat(Flops.training(small, 160) * 1e-9).isCloseTo(69.2, within(0.05));
    assertThat(Flops.training(base, 160) * 1e-9).isCloseTo(212.6, within(0.05));
    assertThat(Flops.forward(base.classifier(400), 1568) * 1e-9).isCloseTo(180.3, within(0.1));
  }

  @Test
  void measuresASmallNetworkAndNamesEveryNumber() {
    BenchCase what = small(ModelSize.TINY.pretraining(SMALL));
    BenchResult result = Bench.run(what);
    assertThat(result.gemmGflops()).isPositive();
    assertThat(result.oneDnnGflops().orElse(0)).isPositive();
    assertThat(result.stepToGemm()).isPositive();
    assertThat(result.plainClipsPerSecond().orElse(0)).isPositive();
    assertThat(result.peakBytes()).isGreaterThan(1L << 20);
    assertThat(result.fields())
        .containsKeys("gemm_gflops", "step_gflops", "step_to_gemm", "clips_per_second")
        .containsKeys("plain_clips_per_second", "peak_bytes", "precision", "batch", "wait_share")
        .containsEntry("engine", "torch")
        .containsEntry("device", "cpu")
        .containsEntry("model", "tiny");
  }

  @Test
  void measuresAClassifierWithoutAYardstickNetwork() {
    BenchResult result = Bench.run(small(ModelSize.TINY.pretraining(SMALL).classifier(3)));
    assertThat(result.clipsPerSecond()).isPositive();
    assertThat(result.plainClipsPerSecond()).isEmpty();
  }

  @Test
  void plainNetworkTrainsAsWellAsTheEngine() {
    BenchCase what = small(ModelSize.TINY.pretraining(SMALL));
    CubeBatch batch = Clips.of(what).cut();
    Training training =
        new Training(
            what.model(),
            new Optimizer.AdamW(0.9, 0.999, 1e-8, 0.01, 1),
            LearningRate.constant(1e-3));
    new TorchEngineProvider().describe();
    try (Engine engine = new TorchEngineProvider().open(training, what.placement());
        PlainNetwork plain = new PlainNetwork(what.model(), what.placement())) {
      engine.load(TrainState.start(Parameters.draw(ParameterLayout.of(what.model()), 1)));
      double own = 0;
      double other = 0;
      for (int i = 0; i < 20; i++) {
        own = engine.step(batch).loss();
        other = plain.step(batch);
      }
      assertThat(other).isCloseTo(own, within(0.1));
    }
  }

  private static BenchCase small(ModelSpec model) {
    return new BenchCase("torch", Placement.ONE_THREAD, "tiny", model, new TubeMasking(0.5), 2, 1);
  }
}
