package io.tubelet.engine.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tubelet.engine.Batches.Gradient;
import io.tubelet.engine.Engine;
import io.tubelet.engine.Fixture;
import io.tubelet.engine.Placement;
import io.tubelet.model.Parameter;
import io.tubelet.model.Parameters;
import io.tubelet.train.LearningRate;
import io.tubelet.train.Optimizer;
import io.tubelet.train.TrainState;
import io.tubelet.train.Training;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class FixtureTest {
  private static final double OUTPUT = 1e-4;
  private static final Percentage LOSS = Percentage.withPercentage(1e-3); // 1e-5 relative
  private static final Optimizer ADAM_W = new Optimizer.AdamW(0.9, 0.95, 1e-8, 0.05, 1);

  private static Engine engine(Fixture fixture) {
    Training training = new Training(fixture.model(), ADAM_W, LearningRate.constant(1e-3));
    Engine engine = new Nd4jEngineProvider().open(training, Placement.ONE_THREAD);
    engine.load(TrainState.start(fixture.parameters("weight.")));
    return engine;
  }

  @Test
  void predictsTheHiddenCubesOfTheReference() {
    for (Fixture fixture : Fixture.all("pretrain")) {
      try (Engine engine = engine(fixture)) {
        float[] predictions = engine.predict(fixture.batch("step0.mask"));
        assertClose(fixture + " prediction", predictions, fixture.floats("step0.prediction"));
      }
    }
  }

  @Test
  void scoresTheClassesOfTheReference() {
    for (Fixture fixture : Fixture.all("classification")) {
      try (Engine engine = engine(fixture)) {
        float[] scores = engine.predict(fixture.batch(null));
        assertClose(fixture + " logits", scores, fixture.floats("logits"));
      }
    }
  }

  @Test
  void findsTheGradientsOfTheReference() {
    for (Fixture fixture : Fixture.all("pretrain")) {
      try (Engine engine = engine(fixture)) {
        Gradient gradient = Gradient.of(engine, fixture.batch("step0.mask"));
        assertThat(gradient.loss()).isCloseTo(fixture.loss("step0.loss"), LOSS);
        assertSameDirections(fixture, gradient.values());
      }
    }
    for (Fixture fixture : Fixture.all("classification")) {
      try (Engine engine = engine(fixture)) {
        Gradient gradient = Gradient.of(engine, fixture.batch(null));
        assertThat(gradient.loss()).isCloseTo(fixture.loss("loss"), LOSS);
        assertSameDirections(fixture, gradient.values());
      }
    }
  }

  @Test
  void takesThreeStepsOfAdamWLikeTheReference() {
    for (Fixture fixture : Fixture.all("pretrain")) {
      try (Engine engine = engine(fixture)) {
        for (int step = 0; step < 3; step++) {
          String name = "step" + step;
          double loss = engine.step(fixture.batch(name + ".mask")).loss();
          assertThat(loss).as(name).isCloseTo(fixture.loss(name + ".loss"), LOSS);
        }
        Parameters expected = fixture.parameters("after3.");
        Parameters found = engine.state().weights();
        for (Parameter parameter : found.layout().parameters()) {
          String name = parameter.name();
          assertClose(name, found.get(name), expected.get(name));
        }
      }
    }
  }

  private static void assertClose(String name, float[] found, float[] expected) {
    assertThat(found).as(name).hasSameSizeAs(expected);
    double worst = 0;
    for (int i = 0; i < found.length; i++) {
      worst = Math.max(worst, Math.abs(found[i] - expected[i]));
    }
    assertThat(worst).as(name).isCloseTo(0, within(OUTPUT));
  }

  private static void assertSameDirections(Fixture fixture, Parameters found) {
    Parameters expected = fixture.parameters("gradient.");
    for (Parameter parameter : found.layout().parameters()) {
      double difference = 0;
      double norm = 0;
      float[] f = found.get(parameter.name());
      float[] e = expected.get(parameter.name());
      for (int i = 0; i < f.length; i++) {
        difference += Math.pow((double) f[i] - e[i], 2);
        norm += Math.pow(e[i], 2);
      }
      assertThat(Math.sqrt(difference))
          .as(fixture + " " + parameter.name())
          .isLessThanOrEqualTo(1e-3 * Math.sqrt(norm));
    }
  }
}
