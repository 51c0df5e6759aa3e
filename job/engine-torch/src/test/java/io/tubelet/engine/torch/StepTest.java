package io.tubelet.engine.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.cube.CubeBatch;
import io.tubelet.engine.Batches;
import io.tubelet.engine.EngineProvider;
import io.tubelet.engine.EngineProvider.EngineUnavailableException;
import io.tubelet.engine.Placement;
import io.tubelet.engine.Placement.Device;
import io.tubelet.engine.Placement.MicroBatches;
import io.tubelet.engine.Placement.Precision;
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
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a step promises besides its numbers: the same bits again, nothing kept, clear refusals. */
class StepTest {
  private static final ClipGeometry GEOMETRY = new ClipGeometry(4, 8, 12, 2, 4);
  private static final ModelSpec MODEL = ModelSize.TINY.pretraining(GEOMETRY);
  private static final Training TRAINING =
      new Training(
          MODEL, new Optimizer.AdamW(0.9, 0.95, 1e-8, 0.05, 1), LearningRate.constant(1e-3));
  private static final CubeBatch BATCH = batch(6);

  private static CubeBatch batch(int size) {
    return Batches.masked(GEOMETRY, new TubeMasking(0.5), size);
  }

  private static TorchEngine open(Placement placement) {
    TorchEngine engine = new TorchEngineProvider().open(TRAINING, placement);
    engine.load(TrainState.start(Parameters.draw(ParameterLayout.of(MODEL), 1)));
    return engine;
  }

  private static TrainState afterThreeSteps(MicroBatches microBatches) {
    try (TorchEngine engine = open(new Placement(Device.CPU, Precision.FP32, 1, microBatches))) {
      for (int i = 0; i < 3; i++) {
        engine.step(BATCH);
      }
      return engine.state();
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
  void givesTheSameBitsFromTheSameState() {
    TrainState first = afterThreeSteps(MicroBatches.WHOLE);
    TrainState second = afterThreeSteps(MicroBatches.WHOLE);
    assertThat(first.weights().digest()).isEqualTo(second.weights().digest());
    assertThat(first.secondMoment().digest()).isEqualTo(second.secondMoment().digest());
  }

  @Test
  void copiesAStateInAndOutWithoutChangingABit() {
    ParameterLayout layout = ParameterLayout.of(MODEL);
    TrainState state =
        new TrainState(
            9, Parameters.draw(layout, 1), Parameters.draw(layout, 2), Parameters.draw(layout, 3));
    try (TorchEngine engine = open(Placement.ONE_THREAD)) {
      engine.load(state);
      assertThat(engine.state()).isEqualTo(state);
    }
  }

  @Test
  void microBatchesAndRecomputationAddUpToTheSameStep() {
    Parameters whole = afterThreeSteps(new MicroBatches(6, false)).weights();
    assertThat(distance(whole, afterThreeSteps(new MicroBatches(4, false)).weights()))
        .isLessThan(1e-5);
    assertThat(distance(whole, afterThreeSteps(new MicroBatches(6, true)).weights()))
        .isLessThan(1e-5);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4, 7, 8})
  void threadsShareTheClipsAndTakeTheSameStep(int threads) {
    Placement several = new Placement(Device.CPU, Precision.FP32, threads);
    try (TorchEngine one = open(Placement.ONE_THREAD);
        TorchEngine more = open(several)) {
      for (int clips = 1; clips < 8; clips++) {
        CubeBatch some = batch(clips);
        assertThat(more.encode(some)).containsExactly(one.encode(some), within(1e-5f));
        assertThat(more.step(some).loss()).isCloseTo(one.step(some).loss(), within(1e-5));
      }
      assertThat(distance(more.state().weights(), one.state().weights())).isLessThan(1e-4);
    }
  }

  @Test
  void staysNearFp32InBf16() {
    Placement bf16 = new Placement(Device.CPU, Precision.BF16, 1);
    try (TorchEngine narrow = open(bf16);
        TorchEngine wide = open(Placement.ONE_THREAD)) {
      double loss = wide.step(BATCH).loss();
      assertThat(narrow.step(BATCH).loss()).isCloseTo(loss, within(0.01 * loss));
    }
  }

  /** The default: whoever has the instructions need not know of them. */
  @Test
  void takesTheFastestPrecisionOfItsDeviceWhereNoneIsAskedFor() {
    boolean bf16 = new TorchEngineProvider().precisions(Device.CPU).contains(Precision.BF16);
    Placement fastest = Placement.ONE_THREAD.in(bf16 ? Precision.BF16 : Precision.FP32);
    try (TorchEngine automatic = open(Placement.ONE_THREAD.in(Precision.AUTO));
        TorchEngine chosen = open(fastest)) {
      assertThat(automatic.step(BATCH).loss()).isEqualTo(chosen.step(BATCH).loss());
    }
  }

  @Test
  void refusesAStateOfAnotherNetworkAndADeviceThatIsNotThere() {
    ModelSpec other = ModelSize.TINY.pretraining(new ClipGeometry(4, 8, 8, 2, 8));
    TrainState foreign = TrainState.start(Parameters.zero(ParameterLayout.of(other)));
    try (TorchEngine engine = open(Placement.ONE_THREAD)) {
      assertThatThrownBy(() -> engine.load(foreign))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("does not fit");
    }
    assertThatThrownBy(() -> EngineProvider.find("torch", Device.cuda(7)))
        .isInstanceOf(EngineUnavailableException.class)
        .hasMessageContaining("torch:");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void keepsNoMemoryOverThousandsOfSteps(boolean pretraining) {
    ModelSpec model = pretraining ? MODEL : MODEL.classifier(3);
    Training training = new Training(model, TRAINING.optimizer(), TRAINING.learningRate());
    Placement workers = new Placement(Device.CPU, Precision.FP32, 2);
    CubeBatch small = pretraining ? batch(2) : Batches.labelled(GEOMETRY, 3, 2);
    try (TorchEngine engine = new TorchEngineProvider().open(training, workers)) {
      engine.load(TrainState.start(Parameters.draw(ParameterLayout.of(model), 1)));
      long settled = 0;
      for (int step = 0; step < 3000; step++) {
        engine.step(small);
        settled = step == 500 ? Pointer.physicalBytes() : settled;
      }
      assertThat(Pointer.physicalBytes() - settled).isLessThan(20L << 20);
    }
  }

  @Test
  void failsCleanlyWhereItIsTooLargeAndTheEngineGoesOn() {
    // 524,288 tokens: the decoder's attention would have a matrix of a terabyte a head
    ClipGeometry huge = new ClipGeometry(16, 1024, 1024, 2, 4);
    ModelSpec model = ModelSize.TINY.pretraining(huge);
    CubeBatch batch = Batches.masked(huge, new TubeMasking(0.999), 1);
    Training training = new Training(model, new Optimizer.Sgd(), LearningRate.constant(1));
    Parameters weights = Parameters.draw(ParameterLayout.of(model), 1);
    try (TorchEngine engine = new TorchEngineProvider().open(training, Placement.ONE_THREAD)) {
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
}
