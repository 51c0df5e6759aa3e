package io.tubelet.engine.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.cube.CubeBatch;
import io.tubelet.engine.Batches;
import io.tubelet.engine.Placement;
import io.tubelet.masking.TubeMasking;
import io.tubelet.model.ModelSize;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.train.LearningRate;
import io.tubelet.train.Optimizer;
import io.tubelet.train.TrainState;
import io.tubelet.train.Training;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;

class OutOfNativeMemoryTest {
  /** 524,288 tokens: the decoder's attention would have a matrix of a terabyte a head. */
  private static final ClipGeometry GEOMETRY = new ClipGeometry(16, 1024, 1024, 2, 4);

  private static final ModelSpec MODEL = ModelSize.TINY.pretraining(GEOMETRY);

  @Test
  void aStepThatIsTooLargeFailsCleanlyAndTheEngineGoesOn() {
    CubeBatch batch = Batches.masked(GEOMETRY, new TubeMasking(0.999), 1);
    Training training = new Training(MODEL, new Optimizer.Sgd(), LearningRate.constant(1));
    Parameters weights = Parameters.draw(ParameterLayout.of(MODEL), 1);
    try (TorchEngine engine = open(training)) {
      engine.load(TrainState.start(weights));
      float[] before = engine.encode(batch);
      long pointers = Pointer.totalCount();
      assertThatThrownBy(() -> engine.step(batch))
          .isInstanceOf(TorchEngine.OutOfNativeMemoryException.class)
          .hasMessageContaining("cpu has not enough memory")
          .hasMessageContaining("engine.micro-batch");
      assertThat(Pointer.totalCount()).isLessThanOrEqualTo(pointers);
      assertThat(engine.state()).isEqualTo(TrainState.start(weights));
      assertThat(engine.encode(batch)).isEqualTo(before);
    }
  }

  private static TorchEngine open(Training training) {
    return new TorchEngineProvider().open(training, Placement.ONE_THREAD);
  }
}
