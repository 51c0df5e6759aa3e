package io.tubelet.engine.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tubelet.cube.CubeBatch;
import io.tubelet.engine.Batches.Gradient;
import io.tubelet.engine.Engine;
import io.tubelet.engine.Engine.StepResult;
import io.tubelet.model.ModelSize;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.Parameter;
import io.tubelet.model.Parameters;
import io.tubelet.train.LearningRate;
import io.tubelet.train.Optimizer;
import io.tubelet.train.TrainState;
import io.tubelet.train.Training;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class Nd4jEngineTest {
  private static final ModelSpec PRETRAINING = Tiny.pretraining(true);

  @Test
  void givesBackTheStateItWasGivenBitForBit() {
    for (Optimizer optimizer : new Optimizer[] {Tiny.ADAM_W, Tiny.LAYERED}) {
      Training training = Tiny.training(Tiny.classifier(), optimizer);
      Parameters first = Parameters.draw(Tiny.parameters(Tiny.classifier()).layout(), 1);
      Parameters second = Parameters.draw(first.layout(), 2);
      TrainState state = new TrainState(9, Tiny.parameters(Tiny.classifier()), first, second);
      try (Engine engine = Tiny.engine(training)) {
        engine.load(state);
        assertThat(engine.state()).isEqualTo(state);
      }
    }
  }

  @Test
  void continuesFromAStateAsIfNeverInterrupted() {
    Training training = Tiny.training(PRETRAINING, Tiny.LAYERED);
    try (Engine whole = Tiny.engine(training);
        Engine head = Tiny.engine(training);
        Engine tail = Tiny.engine(training)) {
      for (int epoch = 0; epoch < 6; epoch++) {
        whole.step(Tiny.masked(3, epoch));
      }
      for (int epoch = 0; epoch < 3; epoch++) {
        head.step(Tiny.masked(3, epoch));
      }
      tail.load(head.state());
      for (int epoch = 3; epoch < 6; epoch++) {
        tail.step(Tiny.masked(3, epoch));
      }
      assertThat(tail.state()).isEqualTo(whole.state());
      assertThat(tail.state().step()).isEqualTo(6);
    }
  }

  @Test
  void followsAdamWWithLayerDecayWrittenOutByHand() {
    Optimizer.AdamW rule = (Optimizer.AdamW) Tiny.LAYERED;
    Training training = Tiny.training(Tiny.classifier(), rule);
    try (Engine engine = Tiny.engine(training)) {
      HandAdamW hand = new HandAdamW(training, engine.state().weights());
      for (int step = 0; step < 6; step++) {
        CubeBatch batch = Tiny.labelled(4, step);
        hand.step(step, Gradient.of(engine, batch).values());
        engine.step(batch);
        Parameters found = engine.state().weights();
        for (int i = 0; i < found.layout().parameters().size(); i++) {
          float[] values = found.get(i);
          for (int j = 0; j < values.length; j++) {
            assertThat((double) values[j])
                .as("step %d %s", step, found.layout().parameters().get(i).name())
                .isCloseTo(hand.weights[i][j], within(1e-6));
          }
        }
      }
    }
  }

  /** AdamW in double loops, one tensor after the other. */
  private static final class HandAdamW {
    private final Training training;
    private final double[][] weights;
    private final double[][] first;
    private final double[][] second;

    HandAdamW(Training training, Parameters start) {
      this.training = training;
      int tensors = start.layout().parameters().size();
      weights = new double[tensors][];
      first = new double[tensors][];
      second = new double[tensors][];
      for (int i = 0; i < tensors; i++) {
        float[] values = start.get(i);
        weights[i] = new double[values.length];
        first[i] = new double[values.length];
        second[i] = new double[values.length];
        for (int j = 0; j < values.length; j++) {
          weights[i][j] = values[j];
        }
      }
    }

    void step(int step, Parameters gradient) {
      Optimizer.AdamW rule = (Optimizer.AdamW) training.optimizer();
      for (int i = 0; i < weights.length; i++) {
        Parameter parameter = gradient.layout().parameters().get(i);
        double rate =
            training.learningRate().at(step) * rule.rateFactor(training.model(), parameter);
        for (int j = 0; j < weights[i].length; j++) {
          double g = gradient.get(i)[j];
          weights[i][j] -= rate * rule.decay(parameter) * weights[i][j];
          first[i][j] = rule.beta1() * first[i][j] + (1 - rule.beta1()) * g;
          second[i][j] = rule.beta2() * second[i][j] + (1 - rule.beta2()) * g * g;
          double mean = first[i][j] / (1 - Math.pow(rule.beta1(), step + 1));
          double square = second[i][j] / (1 - Math.pow(rule.beta2(), step + 1));
          weights[i][j] -= rate * mean / (Math.sqrt(square) + rule.epsilon());
        }
      }
    }
  }

  @Test
  void plainGradientDescentSubtractsTheGradient() {
    Training training = Tiny.training(PRETRAINING, new Optimizer.Sgd());
    try (Engine engine = Tiny.engine(training)) {
      engine.step(Tiny.masked(2, 0)); // rate 0 in the warm-up's first step
      Parameters before = engine.state().weights();
      Parameters gradient = Gradient.of(engine, Tiny.masked(2, 1)).values();
      StepResult result = engine.step(Tiny.masked(2, 1));
      assertThat(result.learningRate()).isEqualTo(1e-3);
      Parameters after = engine.state().weights();
      for (int i = 0; i < after.layout().parameters().size(); i++) {
        for (int j = 0; j < after.get(i).length; j++) {
          double expected = before.get(i)[j] - 1e-3 * gradient.get(i)[j];
          assertThat((double) after.get(i)[j]).isCloseTo(expected, within(1e-7));
        }
      }
    }
  }

  @Test
  void aGradientLeavesTheStateAlone() {
    try (Engine engine = Tiny.engine(Tiny.training(PRETRAINING, Tiny.ADAM_W))) {
      engine.step(Tiny.masked(2, 0));
      TrainState before = engine.state();
      Gradient gradient = Gradient.of(engine, Tiny.masked(2, 1));
      assertThat(engine.state()).isEqualTo(before);
      StepResult result = engine.step(Tiny.masked(2, 1));
      assertThat(result.loss()).isEqualTo(gradient.loss());
      assertThat(result.gradientNorm()).isCloseTo(norm(gradient.values()), within(1e-9));
      assertThat(result.finite()).isTrue();
    }
  }

  private static double norm(Parameters values) {
    double squares = 0;
    for (int i = 0; i < values.layout().parameters().size(); i++) {
      for (float value : values.get(i)) {
        squares += (double) value * value;
      }
    }
    return Math.sqrt(squares);
  }

  @Test
  void takesTheRateOfEachStepFromTheSchedule() {
    try (Engine engine = Tiny.engine(Tiny.training(PRETRAINING, Tiny.ADAM_W))) {
      assertThat(engine.step(Tiny.masked(1, 0)).learningRate()).isZero();
      assertThat(engine.step(Tiny.masked(1, 0)).learningRate()).isEqualTo(1e-3);
      assertThat(engine.step(Tiny.masked(1, 0)).learningRate()).isEqualTo(2e-3);
    }
  }

  @Test
  void enginesOfSeveralTasksDoNotDisturbOneAnother() {
    Training training = Tiny.training(ModelSize.TINY.pretraining(Tiny.GEOMETRY), Tiny.ADAM_W);
    List<String> digests =
        IntStream.range(0, 4)
            .parallel()
            .mapToObj(
                task -> {
                  try (Engine engine = Tiny.engine(training)) {
                    for (int epoch = 0; epoch < 20; epoch++) {
                      engine.step(Tiny.masked(4, epoch));
                    }
                    return engine.state().weights().digest();
                  }
                })
            .toList();
    assertThat(digests).containsOnly(digests.get(0));
  }

  @Test
  void theLossFallsWhenItTrainsOnOneBatch() {
    Training training = new Training(Tiny.classifier(), Tiny.ADAM_W, LearningRate.constant(3e-3));
    try (Engine engine = Tiny.engine(training)) {
      CubeBatch batch = Tiny.labelled(4, 0);
      double before = engine.step(batch).loss();
      for (int i = 0; i < 60; i++) {
        engine.step(batch);
      }
      double floor = -0.7 * Math.log(0.7) - 0.3 * Math.log(0.3); // entropy of the labels
      assertThat(Gradient.of(engine, batch).loss()).isLessThan(0.5 * (before + floor));
    }
  }

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
      Gradient gradient = Gradient.of(engine, BATCH);
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
