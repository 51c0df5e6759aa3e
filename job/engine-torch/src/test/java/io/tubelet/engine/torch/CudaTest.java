package io.tubelet.engine.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.abort;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.cube.CubeBatch;
import io.tubelet.engine.Batches;
import io.tubelet.engine.Batches.Gradient;
import io.tubelet.engine.EngineProvider.Availability;
import io.tubelet.engine.Fixture;
import io.tubelet.engine.Placement;
import io.tubelet.engine.Placement.Device;
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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The first NVIDIA card against the golden files and against the processor. On a machine with a
 * card: {@code mvn -Pcuda13 -pl job/engine-torch -am test -Dgroups=cuda}.
 */
@Tag("cuda")
class CudaTest {
  private static final Device CARD = Device.cuda(0);
  private static final ClipGeometry GEOMETRY = new ClipGeometry(16, 224, 224, 2, 16);
  private static final ModelSpec MODEL = ModelSize.MINI.pretraining(GEOMETRY);
  private static final CubeBatch CLIPS = Batches.masked(GEOMETRY, new TubeMasking(0.9), 4);

  @BeforeEach
  void needsACard() {
    Availability availability = new TorchEngineProvider().on(CARD);
    if (!availability.usable()) {
      String reason = "skipped: no card: " + availability.reason();
      System.out.println(reason);
      abort(reason);
    }
  }

  private static TorchEngine open(ModelSpec model, Device device, Precision precision) {
    Optimizer optimizer = new Optimizer.AdamW(0.9, 0.95, 1e-8, 0.05, 1);
    Training training = new Training(model, optimizer, LearningRate.constant(1e-3));
    Placement placement = new Placement(device, precision, 2);
    return new TorchEngineProvider().open(training, placement);
  }

  private static Gradient gradient(Device device, Precision precision) {
    try (TorchEngine engine = open(MODEL, device, precision)) {
      engine.load(TrainState.start(Parameters.draw(ParameterLayout.of(MODEL), 1)));
      return Gradient.of(engine, CLIPS);
    }
  }

  @Test
  void takesTheGoldenSteps() {
    for (Fixture fixture : Fixture.all("pretrain")) {
      try (TorchEngine engine = open(fixture.model(), CARD, Precision.FP32)) {
        engine.load(TrainState.start(fixture.parameters("weight.")));
        Gradient gradient = Gradient.of(engine, fixture.batch("step0.mask"));
        Tensors.assertRelativelyClose(gradient.values(), fixture.parameters("gradient."), 1e-3);
        for (int i = 0; i < 3; i++) {
          double loss = engine.step(fixture.batch("step" + i + ".mask")).loss();
          double expected = fixture.loss("step" + i + ".loss");
          assertThat(loss).isCloseTo(expected, within(1e-5 * expected));
        }
        Parameters after = fixture.parameters("after3.");
        for (int i = 0; i < after.layout().parameters().size(); i++) {
          Tensors.assertClose(engine.state().weights().get(i), after.get(i), 1e-4);
        }
      }
    }
  }

  @Test
  void equalsTheProcessorOnFullClips() {
    Gradient expected = gradient(Device.CPU, Precision.FP32);
    Gradient actual = gradient(CARD, Precision.FP32);
    assertThat(actual.loss()).isCloseTo(expected.loss(), within(1e-5 * expected.loss()));
    Tensors.assertRelativelyClose(actual.values(), expected.values(), 1e-3);
  }

  @Test
  void staysNearFp32InTf32AndBf16() {
    Gradient expected = gradient(CARD, Precision.FP32);
    Tensors.assertRelativelyClose(gradient(CARD, Precision.TF32).values(), expected.values(), 0.02);
    Gradient narrow = gradient(CARD, Precision.BF16);
    assertThat(narrow.loss()).isCloseTo(expected.loss(), within(2e-3 * expected.loss()));
    Tensors.assertRelativelyClose(narrow.values(), expected.values(), 0.05);
  }

  @Test
  void learnsInBf16() {
    try (TorchEngine engine = open(MODEL, CARD, Precision.BF16)) {
      engine.load(TrainState.start(Parameters.draw(ParameterLayout.of(MODEL), 1)));
      double first = engine.step(CLIPS).loss();
      double last = first;
      for (int i = 0; i < 30; i++) {
        last = engine.step(CLIPS).loss();
      }
      assertThat(last).isLessThan(0.95 * first);
    }
  }
}
