package io.tubelet.engine.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.cube.CubeBatch;
import io.tubelet.engine.Batches;
import io.tubelet.engine.Batches.Gradient;
import io.tubelet.engine.Engine.StepResult;
import io.tubelet.engine.Placement;
import io.tubelet.masking.TubeMasking;
import io.tubelet.model.ModelSize;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.Parameter;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.train.LearningRate;
import io.tubelet.train.Optimizer;
import io.tubelet.train.TrainState;
import io.tubelet.train.Training;
import org.junit.jupiter.api.Test;

/** One update, computed by hand from the engine's own gradient. */
class UpdateTest {
  private static final ClipGeometry GEOMETRY = new ClipGeometry(4, 16, 16, 2, 4);
  private static final ModelSpec PRETRAINING = ModelSize.TINY.pretraining(GEOMETRY);
  private static final CubeBatch MASKED = Batches.masked(GEOMETRY, new TubeMasking(0.5), 2);
  private static final double RATE = 1e-2;

  private record Taken(Parameters before, Gradient gradient, StepResult result, TrainState after) {}

  private static Taken step(ModelSpec model, CubeBatch batch, Optimizer optimizer) {
    Training training = new Training(model, optimizer, LearningRate.constant(RATE));
    Parameters before = Parameters.draw(ParameterLayout.of(model), 1);
    try (TorchEngine engine = new TorchEngineProvider().open(training, Placement.ONE_THREAD)) {
      engine.load(TrainState.start(before));
      Gradient gradient = Gradient.of(engine, batch);
      StepResult result = engine.step(batch);
      return new Taken(before, gradient, result, engine.state());
    }
  }

  @Test
  void decaysTheRateFromLayerToLayerAndMatricesOnly() {
    Optimizer optimizer = new Optimizer.AdamW(0.9, 0.999, 1e-8, 0.1, 0.5);
    ModelSpec model = PRETRAINING.classifier(3);
    Taken taken = step(model, Batches.labelled(GEOMETRY, 3, 2), optimizer);
    for (Parameter parameter : taken.before().layout().parameters()) {
      // depth 2: embedding 1/8, block 0 1/4, block 1 1/2, head 1
      double rate = RATE / (1 << (3 - parameter.layer()));
      double decay = parameter.shape().size() > 1 ? 0.1 : 0;
      float[] before = taken.before().get(parameter.name());
      float[] gradient = taken.gradient().values().get(parameter.name());
      float[] expected = new float[before.length];
      for (int i = 0; i < before.length; i++) {
        // the first step's moments cancel: g / (|g| + ε)
        double direction = gradient[i] / (Math.abs(gradient[i]) + 1e-8);
        expected[i] = (float) (before[i] * (1 - rate * decay) - rate * direction);
      }
      Tensors.assertClose(taken.after().weights().get(parameter.name()), expected, 1e-5);
    }
  }

  @Test
  void goesDownThePlainGradient() {
    Taken taken = step(PRETRAINING, MASKED, new Optimizer.Sgd());
    assertMoved(taken, RATE);
    assertThat(taken.result().gradientNorm()).isCloseTo(norm(taken), within(1e-5 * norm(taken)));
    assertThat(taken.result().learningRate()).isEqualTo(RATE);
    assertThat(taken.result().loss()).isEqualTo(taken.gradient().loss());
  }

  @Test
  void shortensALongGradientAndLeavesAShortOne() {
    double norm = norm(step(PRETRAINING, MASKED, new Optimizer.Sgd()));
    assertMomentIs(0.5, step(PRETRAINING, MASKED, clipping(norm / 2)));
    assertMomentIs(1, step(PRETRAINING, MASKED, clipping(norm * 2)));
    double found = step(PRETRAINING, MASKED, clipping(norm / 2)).result().gradientNorm();
    assertThat(found).as("before clipping").isCloseTo(norm, within(1e-5 * norm));
  }

  /** With this β1 the first moment is the gradient that arrives. */
  private static Optimizer clipping(double norm) {
    return new Optimizer.AdamW(0, 0.9, 1e-8, 0, 1, norm);
  }

  private static void assertMomentIs(double factor, Taken taken) {
    for (Parameter parameter : taken.before().layout().parameters()) {
      float[] expected = taken.gradient().values().get(parameter.name()).clone();
      for (int i = 0; i < expected.length; i++) {
        expected[i] = (float) (factor * expected[i]);
      }
      Tensors.assertClose(taken.after().firstMoment().get(parameter.name()), expected, 1e-6);
    }
  }

  private static void assertMoved(Taken taken, double rate) {
    for (Parameter parameter : taken.before().layout().parameters()) {
      float[] expected = taken.before().get(parameter.name()).clone();
      float[] gradient = taken.gradient().values().get(parameter.name());
      for (int i = 0; i < expected.length; i++) {
        expected[i] = (float) (expected[i] - rate * gradient[i]);
      }
      Tensors.assertClose(taken.after().weights().get(parameter.name()), expected, 1e-6);
    }
  }

  private static double norm(Taken taken) {
    double sum = 0;
    for (Parameter parameter : taken.before().layout().parameters()) {
      for (float value : taken.gradient().values().get(parameter.name())) {
        sum += (double) value * value;
      }
    }
    return Math.sqrt(sum);
  }
}
