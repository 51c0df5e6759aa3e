package io.tubelet.engine.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tubelet.cube.CubeBatch;
import io.tubelet.engine.Engine;
import io.tubelet.engine.Engine.Gradient;
import io.tubelet.model.Parameter;
import io.tubelet.model.Parameters;
import io.tubelet.train.Optimizer;
import org.junit.jupiter.api.Test;

class ClippingTest {
  private static final CubeBatch BATCH = Tiny.masked(2, 0);

  /** The first moment after a step with β1 = 0, which is the gradient that arrives. */
  private static Parameters moment(double clipNorm) {
    Optimizer optimizer = new Optimizer.AdamW(0, 0.9, 1e-8, 0, 1, clipNorm);
    try (Engine engine = Tiny.engine(Tiny.training(Tiny.pretraining(true), optimizer))) {
      engine.step(BATCH);
      return engine.state().firstMoment();
    }
  }

  @Test
  void shortensALongGradientAndLeavesAShortOne() {
    try (Engine engine = Tiny.engine(Tiny.training(Tiny.pretraining(true), Tiny.ADAM_W))) {
      Gradient gradient = engine.gradient(BATCH);
      double norm = engine.step(BATCH).gradientNorm();
      assertScaled(moment(norm / 4), gradient.values(), 0.25);
      assertScaled(moment(norm * 2), gradient.values(), 1);
    }
  }

  private static void assertScaled(Parameters actual, Parameters gradient, double factor) {
    for (Parameter parameter : gradient.layout().parameters()) {
      float[] values = gradient.get(parameter.name());
      for (int i = 0; i < values.length; i++) {
        double expected = factor * values[i];
        assertThat((double) actual.get(parameter.name())[i])
            .as("%s[%d]", parameter.name(), i)
            .isCloseTo(expected, within(1e-6));
      }
    }
  }
}
