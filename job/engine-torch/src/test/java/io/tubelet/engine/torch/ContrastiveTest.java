package io.tubelet.engine.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.Frames;
import io.tubelet.cube.CubeBatch;
import io.tubelet.engine.Batches;
import io.tubelet.engine.Batches.Gradient;
import io.tubelet.engine.Placement;
import io.tubelet.engine.Placement.Device;
import io.tubelet.engine.Placement.MicroBatches;
import io.tubelet.engine.Placement.Precision;
import io.tubelet.masking.Mask;
import io.tubelet.masking.Masking.NoMasking;
import io.tubelet.masking.TubeMasking;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.Parameter;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.model.Task;
import io.tubelet.model.Transformer;
import io.tubelet.train.LearningRate;
import io.tubelet.train.Optimizer;
import io.tubelet.train.TrainState;
import io.tubelet.train.Training;
import io.tubelet.weights.Safetensors;
import io.tubelet.weights.Safetensors.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** MoCo v3 against {@code src/test/python/moco_v3.py}, and what its steps promise. */
class ContrastiveTest {
  private static final ClipGeometry GEOMETRY = new ClipGeometry(4, 8, 12, 2, 4);
  private static final ModelSpec MODEL =
      new ModelSpec(GEOMETRY, new Transformer(12, 2, 3, 2), new Task.Contrastive(10, 6));
  private static final ParameterLayout LAYOUT = ParameterLayout.of(MODEL);
  private static final int STEPS = 100;
  private static final Training TRAINING =
      new Training(
          MODEL,
          new Optimizer.AdamW(0.9, 0.95, 1e-8, 0.5, 1, 0.1),
          new LearningRate(3e-3, 3e-3, 0, STEPS));
  private static final CubeBatch BATCH = batch(8);

  private static CubeBatch batch(int views) {
    return Batches.of(GEOMETRY, new NoMasking(), new float[0], views, 1, 0);
  }

  private static TorchEngine open(Placement placement, Parameters weights) {
    TorchEngine engine = new TorchEngineProvider().open(TRAINING, placement);
    engine.load(TrainState.start(weights));
    return engine;
  }

  private static TorchEngine open(Placement placement) {
    return open(placement, Parameters.draw(LAYOUT, 1));
  }

  private static Map<String, Tensor> golden() throws IOException {
    Map<String, Tensor> tensors = new HashMap<>();
    try (InputStream in = ContrastiveTest.class.getResourceAsStream("/moco-v3.safetensors")) {
      Safetensors.read(in, tensors::put);
    }
    return tensors;
  }

  /** Its tensors; zeros where it has none. */
  private static Parameters values(Map<String, Tensor> golden, String prefix) {
    return new Parameters(
        LAYOUT,
        LAYOUT.parameters().stream()
            .map(
                p ->
                    golden.containsKey(prefix + p.name())
                        ? golden.get(prefix + p.name()).floats()
                        : new float[p.size()])
            .toArray(float[][]::new));
  }

  private static CubeBatch clips(Tensor pixels) {
    int size = pixels.shape().get(0);
    List<Frames> frames = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      int from = i * GEOMETRY.clipBytes();
      byte[] bytes = Arrays.copyOfRange(pixels.data().array(), from, from + GEOMETRY.clipBytes());
      frames.add(new Frames(GEOMETRY.frames(), GEOMETRY.height(), GEOMETRY.width(), bytes));
    }
    List<Mask> masks = frames.stream().map(clip -> Mask.none(GEOMETRY.tokens())).toList();
    List<String> names = IntStream.range(0, size).mapToObj(i -> "view" + i).toList();
    return CubeBatch.cut(GEOMETRY, frames, masks, new float[0], names);
  }

  @Test
  void hasTheLossAndTheGradientsOfPyTorchsModules() throws IOException {
    Map<String, Tensor> golden = golden();
    try (TorchEngine engine = open(Placement.ONE_THREAD, values(golden, "weight."))) {
      Gradient gradient = Gradient.of(engine, clips(golden.get("clips")));
      assertThat(gradient.loss()).isCloseTo(golden.get("loss").data().getDouble(0), within(1e-5));
      Parameters expected = values(golden, "gradient.");
      for (Parameter p : LAYOUT.parameters()) {
        boolean trained = golden.containsKey("gradient." + p.name()) && !p.frozen();
        float[] wanted = trained ? expected.get(p.name()) : new float[p.size()];
        Tensors.assertClose(gradient.values().get(p.name()), wanted, 5e-5);
      }
      assertThat(expected.get("projector.3.weight")[0]).isNotCloseTo(0, within(0.001f));
    }
  }

  @Test
  void givesOneGradientInWorkersAndMicroBatches() {
    try (TorchEngine whole = open(Placement.ONE_THREAD);
        TorchEngine parts =
            open(new Placement(Device.CPU, Precision.FP32, 2, new MicroBatches(3, true)))) {
      Gradient expected = Gradient.of(whole, BATCH);
      Gradient actual = Gradient.of(parts, BATCH);
      assertThat(actual.loss()).isCloseTo(expected.loss(), within(1e-5));
      // the largest gradient is 12.9; what fp32 rounds differs between libraries of products
      for (int i = 0; i < LAYOUT.parameters().size(); i++) {
        Tensors.assertClose(actual.values().get(i), expected.values().get(i), 12.9 * 2e-5);
      }
    }
  }

  @Test
  void startsTheMomentumEncoderAsTheEncoderAndMovesItByACosine() {
    assertThat(TRAINING.following(0)).isCloseTo(0.01, within(1e-12)); // momentum 0.99
    assertThat(TRAINING.following(25)).isCloseTo(0.01 * 0.8535534, within(1e-9));
    assertThat(TRAINING.following(50)).isCloseTo(0.005, within(1e-12));
    assertThat(TRAINING.following(STEPS)).isZero(); // momentum 1
    Parameters drawn = Parameters.draw(LAYOUT, 1);
    try (TorchEngine engine = open(Placement.ONE_THREAD)) {
      engine.load(TrainState.start(drawn).at(25));
      engine.step(BATCH);
      TrainState after = engine.state();
      int moved = 0;
      for (Parameter p : LAYOUT.parameters()) {
        if (!p.name().startsWith(Parameter.MOMENTUM)) {
          continue;
        }
        String name = Parameter.followed(p.name());
        float[] old = drawn.get(p.name());
        float[] now = after.weights().get(p.name());
        float[] encoder = after.weights().get(name);
        assertThat(old).isEqualTo(drawn.get(name));
        for (int i = 0; i < old.length; i++) {
          double expected = old[i] + 0.01 * 0.8535534 * (encoder[i] - old[i]);
          assertThat((double) now[i]).isCloseTo(expected, within(1e-7));
          moved += now[i] == old[i] ? 0 : 1;
        }
        assertThat(after.firstMoment().get(p.name())).containsOnly(0);
      }
      assertThat(moved).isGreaterThan(1000);
    }
  }

  @Test
  void leavesTheEmbeddingAsItIsDrawn() {
    Parameters drawn = Parameters.draw(LAYOUT, 1);
    try (TorchEngine engine = open(Placement.ONE_THREAD)) {
      engine.step(BATCH);
      Parameters after = engine.state().weights();
      for (String tensor : List.of("weight", "bias")) {
        String name = "videomae.embeddings.patch_embeddings.projection." + tensor;
        assertThat(after.get(name)).isEqualTo(drawn.get(name));
        assertThat(after.get(Parameter.MOMENTUM + name)).isEqualTo(drawn.get(name));
      }
    }
  }

  @Test
  void learnsWhichViewsAreOfOneClip() {
    try (TorchEngine engine = open(Placement.ONE_THREAD)) {
      double first = engine.step(BATCH).loss();
      for (int i = 1; i < 40; i++) {
        engine.step(BATCH);
      }
      assertThat(Gradient.of(engine, BATCH).loss()).isLessThan(0.7 * first);
    }
  }

  @Test
  void trainsOnWithOneClipWhereItHasNothingToLearn() {
    try (TorchEngine engine = open(Placement.ONE_THREAD)) {
      assertThat(engine.step(batch(2)).loss()).isZero();
      assertThat(engine.step(BATCH).finite()).isTrue();
    }
  }

  @Test
  void refusesClipsWithoutTwoWholeViews() {
    try (TorchEngine engine = open(Placement.ONE_THREAD)) {
      assertThatThrownBy(() -> engine.step(batch(3)))
          .hasMessage("expected two whole views of each clip, found 3 with 0 hidden tokens");
      assertThatThrownBy(() -> engine.step(Batches.masked(GEOMETRY, new TubeMasking(0.5), 4)))
          .hasMessageContaining("found 4 with 6 hidden tokens");
    }
  }
}
