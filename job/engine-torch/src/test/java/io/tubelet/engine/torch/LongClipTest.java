package io.tubelet.engine.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.cube.CubeBatch;
import io.tubelet.engine.Batches;
import io.tubelet.engine.Batches.Gradient;
import io.tubelet.engine.Placement;
import io.tubelet.engine.Placement.Device;
import io.tubelet.engine.Placement.MicroBatches;
import io.tubelet.engine.Placement.Precision;
import io.tubelet.masking.TubeMasking;
import io.tubelet.model.ModelSize;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.train.LearningRate;
import io.tubelet.train.Optimizer;
import io.tubelet.train.TrainState;
import io.tubelet.train.Training;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Clips of 1568 tokens as published, where the decoder works clip by clip and block by block. */
class LongClipTest {
  private static final ClipGeometry GEOMETRY = new ClipGeometry(16, 224, 224, 2, 16);
  private static final ModelSpec PRETRAINING = ModelSize.TINY.pretraining(GEOMETRY);
  private static final CubeBatch CLIPS = Batches.masked(GEOMETRY, new TubeMasking(0.9), 3);
  private static final Placement FP32 = new Placement(Device.CPU, Precision.FP32, 2);
  private static final Placement BF16 = new Placement(Device.CPU, Precision.BF16, 2);
  private static final Placement CHECKPOINTING = fp32(new MicroBatches(0, true));
  private static Gradient published;

  private static Placement fp32(MicroBatches microBatches) {
    return new Placement(Device.CPU, Precision.FP32, 2, microBatches);
  }

  private static Gradient gradient(ModelSpec model, CubeBatch batch, Placement placement) {
    Training training =
        new Training(
            model, new Optimizer.AdamW(0.9, 0.95, 1e-8, 0.05, 1), LearningRate.constant(1e-3));
    try (TorchEngine engine = new TorchEngineProvider().open(training, placement)) {
      engine.load(TrainState.start(Parameters.draw(ParameterLayout.of(model), 1)));
      return Gradient.of(engine, batch);
    }
  }

  @BeforeAll
  static void differentiate() {
    published = gradient(PRETRAINING, CLIPS, FP32);
  }

  @Test
  void givesTheSameBitsTwiceOnTwoThreads() {
    Gradient second = gradient(PRETRAINING, CLIPS, FP32);
    assertThat(second.values().digest()).isEqualTo(published.values().digest());
    assertThat(second.loss()).isEqualTo(published.loss());
  }

  @Test
  void recomputationChangesNoBit() {
    assertThat(gradient(PRETRAINING, CLIPS, CHECKPOINTING).values().digest())
        .isEqualTo(published.values().digest());
    ModelSpec classifier = PRETRAINING.classifier(4);
    CubeBatch whole = Batches.labelled(GEOMETRY, 4, 2);
    assertThat(gradient(classifier, whole, CHECKPOINTING).values().digest())
        .isEqualTo(gradient(classifier, whole, FP32).values().digest());
  }

  @Test
  void passesOfOneClipAddUpToTheBatch() {
    Gradient each = gradient(PRETRAINING, CLIPS, fp32(new MicroBatches(1, false)));
    assertThat(each.loss()).isCloseTo(published.loss(), within(1e-6));
    Tensors.assertRelativelyClose(each.values(), published.values(), 1e-4);
  }

  @Test
  void bf16StaysNearFp32() {
    Gradient narrow = gradient(PRETRAINING, CLIPS, BF16);
    assertThat(narrow.loss()).isCloseTo(published.loss(), within(1e-3 * published.loss()));
    Tensors.assertRelativelyClose(narrow.values(), published.values(), 0.05);
  }
}
