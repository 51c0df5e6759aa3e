package io.tubelet.spark.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.Frames;
import io.tubelet.cube.CubeBatch;
import io.tubelet.engine.Batches;
import io.tubelet.engine.Batches.Gradient;
import io.tubelet.engine.Engine;
import io.tubelet.engine.EngineProvider;
import io.tubelet.engine.Placement;
import io.tubelet.engine.Placement.Device;
import io.tubelet.engine.Placement.Precision;
import io.tubelet.masking.Mask;
import io.tubelet.masking.Masking;
import io.tubelet.masking.Masking.CentreSlice;
import io.tubelet.masking.Masking.RunningCell;
import io.tubelet.masking.TubeMasking;
import io.tubelet.model.ModelSize;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.Parameter;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.model.Task;
import io.tubelet.model.Task.PixelLoss;
import io.tubelet.model.Task.TargetFrames;
import io.tubelet.model.Transformer;
import io.tubelet.train.DropPath;
import io.tubelet.train.LearningRate;
import io.tubelet.train.Optimizer;
import io.tubelet.train.TrainState;
import io.tubelet.train.Training;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Both engines in one JVM, from one state. */
class EnginesAgreeTest {
  private static final ClipGeometry GEOMETRY = new ClipGeometry(4, 8, 12, 2, 4);
  private static final ModelSpec MODEL = ModelSize.TINY.pretraining(GEOMETRY);
  private static final int STEPS = 20;

  private static Training training(ModelSpec model) {
    Optimizer adamw = new Optimizer.AdamW(0.9, 0.95, 1e-8, 0.05, 0.75);
    DropPath dropping =
        model.task() instanceof Task.Pretraining ? DropPath.NONE : new DropPath(0.5, 0.3);
    return new Training(model, adamw, new LearningRate(1e-3, 1e-5, 5, STEPS), dropping);
  }

  private static TrainState first(ModelSpec model) {
    return TrainState.start(Parameters.draw(ParameterLayout.of(model), 1));
  }

  private static CubeBatch batch(int step, ModelSpec model) {
    boolean masked = model.task() instanceof Task.Pretraining;
    float[] labels = new float[masked ? 0 : 3 * 5];
    for (int i = 0; i < labels.length / 5; i++) {
      labels[i * 5 + (i + step) % 5] = 1;
    }
    Masking masking = masked ? masking(model) : new Masking.NoMasking();
    CubeBatch batch = Batches.of(model.clips(), masking, labels, 3, 1, step);
    return Batches.with(batch, new float[0], step);
  }

  private static Masking masking(ModelSpec model) {
    return model.pretraining().frames() == TargetFrames.CENTRE
        ? new CentreSlice(new TubeMasking(0.5))
        : new TubeMasking(0.5);
  }

  private static TrainState train(String engine, TrainState from, ModelSpec model, int until) {
    try (Engine opened = open(engine, model)) {
      opened.load(from);
      for (int step = (int) from.step(); step < until; step++) {
        assertThat(opened.step(batch(step, model)).finite()).isTrue();
      }
      return opened.state();
    }
  }

  private static double distance(Parameters a, Parameters b) {
    double largest = 0;
    for (Parameter p : a.layout().parameters()) {
      for (int i = 0; i < p.size(); i++) {
        largest = Math.max(largest, Math.abs(a.get(p.name())[i] - b.get(p.name())[i]));
      }
    }
    return largest;
  }

  @Test
  void afterTwentyStepsOfPretraining() {
    TrainState nd4j = train("nd4j", first(MODEL), MODEL, STEPS);
    TrainState torch = train("torch", first(MODEL), MODEL, STEPS);
    assertThat(distance(nd4j.weights(), first(MODEL).weights())).isGreaterThan(5e-3);
    assertThat(distance(nd4j.weights(), torch.weights())).isLessThan(1e-4);
    assertThat(torch.step()).isEqualTo(nd4j.step()).isEqualTo(STEPS);
  }

  @Test
  void afterTwentyStepsOfFineTuningWithLayerDecayAndPartsLeftOut() {
    ModelSpec classifier = MODEL.classifier(5);
    TrainState nd4j = train("nd4j", first(classifier), classifier, STEPS);
    TrainState torch = train("torch", first(classifier), classifier, STEPS);
    assertThat(distance(nd4j.weights(), torch.weights())).isLessThan(1e-4);
  }

  @ParameterizedTest
  @EnumSource(PixelLoss.class)
  void onTheGradientOfEveryLoss(PixelLoss loss) {
    ModelSpec model =
        new ModelSpec(
            GEOMETRY,
            MODEL.encoder(),
            new Task.Pretraining(MODEL.pretraining().decoder(), true, loss, TargetFrames.ALL));
    requireEqual(
        gradient("nd4j", model, batch(0, model)), gradient("torch", model, batch(0, model)));
  }

  @Test
  void onTheGradientOfAnMlpThatIsNoMultipleOfTheWidth() {
    Transformer blocks = new Transformer(12, 2, 3, 2.6);
    assertThat(blocks.mlpDim()).isEqualTo(31);
    ModelSpec model = new ModelSpec(GEOMETRY, blocks, new Task.Pretraining(blocks, true));
    for (ModelSpec one : List.of(model, model.classifier(5))) {
      requireEqual(gradient("nd4j", one, batch(0, one)), gradient("torch", one, batch(0, one)));
    }
  }

  private static ModelSpec of(TargetFrames frames, boolean normalised) {
    Task task =
        new Task.Pretraining(MODEL.pretraining().decoder(), normalised, PixelLoss.MSE, frames);
    return new ModelSpec(GEOMETRY, MODEL.encoder(), task);
  }

  @ParameterizedTest
  @EnumSource(TargetFrames.class)
  void onTheGradientOfEveryChoiceOfFrames(TargetFrames frames) {
    ModelSpec model = of(frames, true);
    CubeBatch batch = batch(0, model);
    // of each of two slices, or of one, half of six
    assertThat(batch.hidden()).isEqualTo(frames == TargetFrames.CENTRE ? 3 : 6);
    requireEqual(gradient("nd4j", model, batch), gradient("torch", model, batch));
  }

  /**
   * Frame t of eight is grey, of the value 10 t; the head answers 0, so its loss is the target's.
   */
  @ParameterizedTest
  @ValueSource(strings = {"nd4j", "torch"})
  void compareWithTheFramesHalfwayWhichTheEncoderDoesNotSee(String name) {
    ModelSpec model = of(TargetFrames.DOUBLE, false);
    Frames grey = new Frames(8, 8, 12, new byte[8 * 8 * 12 * 3]);
    for (int i = 0; i < grey.bytes().length; i++) {
      grey.bytes()[i] = (byte) (10 * (i / (8 * 12 * 3)));
    }
    assertThat(grey.thinned(4).bytes()).containsOnly(0, 20, 40, 60).hasSize(4 * 8 * 12 * 3);
    // the first token of each slice of two frames, or four, is hidden
    Mask mask = Mask.of(12, n -> n % 6 == 0);
    CubeBatch dense = cut(model.clips(), grey, mask);
    try (Engine engine = open(name, model);
        Engine plain = open(name, of(TargetFrames.ALL, false))) {
      TrainState first = first(model);
      Arrays.fill(first.weights().get("decoder.head.weight"), 0);
      engine.load(first);
      double squares = 0;
      for (int t = 0; t < 8; t++) {
        squares += Math.pow(10 * t / 255.0, 2) / 8;
      }
      assertThat(Gradient.of(engine, dense).loss()).isCloseTo(squares, withinPercentage(1e-4));
      assertThat(engine.predict(dense)).hasSize(2 * 4 * 4 * 4 * 3);
      plain.load(first(plain.training().model()));
      CubeBatch seen = cut(GEOMETRY, grey.thinned(4), mask);
      assertThat(engine.encode(dense)).isEqualTo(plain.encode(seen));
      assertThatThrownBy(() -> Gradient.of(engine, seen)).hasMessageContaining("expected clips of");
    }
  }

  private static CubeBatch cut(ClipGeometry geometry, Frames frames, Mask mask) {
    return CubeBatch.cut(geometry, List.of(frames), List.of(mask), new float[0], List.of("a"));
  }

  private static Engine open(String name, ModelSpec model) {
    return EngineProvider.find(name, Device.CPU).open(training(model), Placement.ONE_THREAD);
  }

  @Test
  void onTheGradientWhereTheDecoderIsAskedForHalf() {
    RunningCell law = new RunningCell(new TubeMasking(0.5), 0.5);
    CubeBatch batch = Batches.masked(GEOMETRY, law, 2);
    assertThat(batch.hidden()).isEqualTo(3);
    requireEqual(gradient("nd4j", MODEL, batch), gradient("torch", MODEL, batch));
  }

  private static void requireEqual(Gradient nd4j, Gradient torch) {
    assertThat(torch.loss()).isCloseTo(nd4j.loss(), withinPercentage(1e-3));
    double length = distance(nd4j.values(), Parameters.zero(nd4j.values().layout()));
    assertThat(distance(nd4j.values(), torch.values())).isLessThan(1e-4 * length);
  }

  private static Gradient gradient(String name, ModelSpec model, CubeBatch batch) {
    try (Engine engine = open(name, model)) {
      engine.load(first(model));
      return Gradient.of(engine, batch);
    }
  }

  @Test
  void whenARunMovesFromOneToTheOtherAndBack() {
    TrainState alone = train("nd4j", first(MODEL), MODEL, STEPS);
    TrainState moved = train("nd4j", first(MODEL), MODEL, 7);
    moved = train("torch", moved, MODEL, 14);
    moved = train("nd4j", moved, MODEL, STEPS);
    assertThat(distance(alone.weights(), moved.weights())).isLessThan(1e-4);
    assertThat(distance(alone.secondMoment(), moved.secondMoment())).isLessThan(1e-4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"nd4j", "torch"})
  void leaveTheStateAsItIsWhereNumbersAreBad(String name) {
    TrainState good = train(name, first(MODEL), MODEL, 3);
    TrainState bad = train(name, first(MODEL), MODEL, 3);
    Arrays.fill(bad.weights().get(0), 3e38f); // overflows in the first product
    try (Engine engine = open(name, MODEL)) {
      engine.load(bad);
      assertThat(engine.step(batch(3, MODEL)).finite()).isFalse();
      assertThat(engine.state()).isEqualTo(bad.at(4));
      engine.load(good);
      assertThat(engine.step(batch(3, MODEL)).finite()).isTrue();
      assertThat(engine.state().weights().digest())
          .isEqualTo(train(name, good, MODEL, 4).weights().digest());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"nd4j", "torch"})
  void takeAStepAsAGradientAndThenAnUpdate(String name) {
    TrainState whole = train(name, first(MODEL), MODEL, 5);
    try (Engine engine = open(name, MODEL)) {
      engine.load(first(MODEL));
      for (int step = 0; step < 5; step++) {
        assertThat(Gradient.of(engine, batch(step, MODEL)).update(engine).finite()).isTrue();
      }
      assertThat(distance(engine.state().weights(), whole.weights())).isLessThan(1e-6);
      TrainState before = engine.state();
      Gradient none = new Gradient(Double.NaN, Parameters.zero(before.weights().layout()));
      assertThat(none.update(engine).finite()).isFalse();
      assertThat(engine.state()).isEqualTo(before.at(6));
    }
  }

  private static float[] encode(String name, ModelSpec model) {
    try (Engine engine = open(name, model)) {
      engine.load(first(model));
      return engine.encode(batch(0, model));
    }
  }

  @Test
  void onTheFeaturesOfEveryVisibleToken() {
    int dim = MODEL.encoder().dim();
    float[] features = encode("nd4j", MODEL);
    assertThat(features).hasSize(3 * 6 * dim).isNotEqualTo(new float[3 * 6 * dim]);
    assertThat(encode("torch", MODEL)).containsExactly(features, within(1e-5f));
    // the final norm of new weights: mean 0, variance 1
    for (int from = 0; from < features.length; from += dim) {
      double mean = 0;
      double square = 0;
      for (int i = from; i < from + dim; i++) {
        mean += features[i] / dim;
        square += Math.pow(features[i], 2) / dim;
      }
      assertThat(mean).isCloseTo(0, within(1e-5));
      assertThat(square).isCloseTo(1, within(1e-3));
    }
    ModelSpec classifier = MODEL.classifier(5);
    assertThat(encode("torch", classifier))
        .hasSize(3 * 12 * dim)
        .containsExactly(encode("nd4j", classifier), within(1e-5f));
  }

  @Test
  void prefersTorchWhereItFits() {
    assertThat(EngineProvider.find(EngineProvider.AUTO, Device.CPU).name()).isEqualTo("torch");
  }

  @Test
  void scoresAreFp32AlsoWhereProductsAreBf16() {
    ModelSpec classifier = MODEL.classifier(5);
    try (Engine narrow =
        EngineProvider.find("torch", Device.CPU)
            .open(training(classifier), Placement.ONE_THREAD.in(Precision.BF16))) {
      narrow.load(first(classifier));
      int beyondBf16 = 0;
      for (float score : narrow.predict(batch(0, classifier))) {
        beyondBf16 += (Float.floatToRawIntBits(score) & 0xFFFF) == 0 ? 0 : 1;
      }
      assertThat(beyondBf16).isPositive();
    }
  }
}
