package io.tubelet.engine.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.tubelet.cube.CubeBatch;
import io.tubelet.engine.Batches.Gradient;
import io.tubelet.engine.Fixture;
import io.tubelet.engine.Placement;
import io.tubelet.engine.torch.Reconstruction.Target;
import io.tubelet.model.Parameters;
import io.tubelet.train.LearningRate;
import io.tubelet.train.Optimizer;
import io.tubelet.train.TrainState;
import io.tubelet.train.Training;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

/** The engine against golden files that an independent implementation wrote. */
class FixtureTest {
  private static final Optimizer ADAM_W = new Optimizer.AdamW(0.9, 0.95, 1e-8, 0.05, 1);
  private static final double LOSS_PERCENT = 1e-3;

  private static TorchEngine engine(Fixture fixture) {
    Training training = new Training(fixture.model(), ADAM_W, LearningRate.constant(1e-3));
    TorchEngine engine = new TorchEngineProvider().open(training, Placement.ONE_THREAD);
    engine.load(TrainState.start(fixture.parameters("weight.")));
    return engine;
  }

  @Test
  void predictsTheGoldenCubes() {
    for (Fixture fixture : Fixture.all("pretrain")) {
      try (TorchEngine engine = engine(fixture)) {
        float[] predicted = engine.predict(fixture.batch("step0.mask"));
        Tensors.assertClose(predicted, fixture.floats("step0.prediction"), 1e-4);
      }
    }
  }

  @Test
  void makesTheGoldenTarget() {
    Natives.load();
    for (Fixture fixture : Fixture.all("pretrain")) {
      TorchDevice device = new TorchDevice(Placement.ONE_THREAD);
      Target golden = new Target(fixture.model(), true);
      float[] target =
          Scope.get(
              () -> {
                DeviceBatch batch =
                    DeviceBatch.place(fixture.batch("step0.mask"), new float[0], device);
                Tensor cubes = batch.cubes().narrow(1, batch.visible(), batch.hidden());
                Tensor negative = torch.zeros_like(cubes.to(ScalarType.Float));
                golden.subtract(negative, cubes);
                return Tensors.values(negative.neg());
              });
      Tensors.assertClose(target, fixture.floats("step0.target"), 1e-4);
    }
  }

  @Test
  void scoresTheGoldenClips() {
    for (Fixture fixture : Fixture.all("classification")) {
      try (TorchEngine engine = engine(fixture)) {
        Tensors.assertClose(engine.predict(fixture.batch(null)), fixture.floats("logits"), 1e-4);
      }
    }
  }

  @Test
  void findsTheGoldenGradientOfPretraining() {
    Fixture.all("pretrain").forEach(f -> assertGradient(f, f.batch("step0.mask"), "step0.loss"));
  }

  @Test
  void findsTheGoldenGradientOfClassification() {
    Fixture.all("classification").forEach(f -> assertGradient(f, f.batch(null), "loss"));
  }

  private static void assertGradient(Fixture fixture, CubeBatch batch, String loss) {
    try (TorchEngine engine = engine(fixture)) {
      Gradient gradient = Gradient.of(engine, batch);
      assertThat(gradient.loss()).isCloseTo(fixture.loss(loss), withinPercentage(LOSS_PERCENT));
      Tensors.assertRelativelyClose(gradient.values(), fixture.parameters("gradient."), 1e-3);
    }
  }

  @Test
  void takesTheGoldenSteps() {
    for (Fixture fixture : Fixture.all("pretrain")) {
      try (TorchEngine engine = engine(fixture)) {
        for (int i = 0; i < 3; i++) {
          String step = "step" + i;
          double loss = engine.step(fixture.batch(step + ".mask")).loss();
          assertThat(loss).isCloseTo(fixture.loss(step + ".loss"), withinPercentage(LOSS_PERCENT));
        }
        Parameters expected = fixture.parameters("after3.");
        TrainState state = engine.state();
        assertThat(state.step()).isEqualTo(3);
        for (int i = 0; i < expected.layout().parameters().size(); i++) {
          Tensors.assertClose(state.weights().get(i), expected.get(i), 1e-4);
        }
      }
    }
  }
}
