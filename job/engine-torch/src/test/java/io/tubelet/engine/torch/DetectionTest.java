package io.tubelet.engine.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.cube.CubeBatch;
import io.tubelet.engine.Batches;
import io.tubelet.engine.Batches.Gradient;
import io.tubelet.engine.Placement;
import io.tubelet.engine.Placement.Device;
import io.tubelet.engine.Placement.MicroBatches;
import io.tubelet.engine.Placement.Precision;
import io.tubelet.masking.Masking.NoMasking;
import io.tubelet.model.ModelSize;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.train.LearningRate;
import io.tubelet.train.Optimizer;
import io.tubelet.train.TrainState;
import io.tubelet.train.Training;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.pytorch.DoubleArrayRef;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RoIAlign against bilinear samples taken one by one, and what a detector's step promises. */
class DetectionTest {
  private static final int SIDE = 7;
  private static final int CLASSES = 3;
  private static final float NONE = Float.NaN;
  // 3 x 5 tokens a slice: frames are not square
  private static final ClipGeometry GEOMETRY = new ClipGeometry(4, 12, 20, 2, 4);
  private static final ModelSpec MODEL = ModelSize.TINY.pretraining(GEOMETRY).detector(CLASSES);
  private static final float[] BOXES = {
    0.1f,
    0.2f,
    0.6f,
    0.9f,
    0.5f,
    0,
    1,
    1, // two of the first clip
    0,
    0.3f,
    0.2f,
    0.7f,
    NONE,
    NONE,
    NONE,
    NONE // one of the second
  };

  private static Training training(Optimizer optimizer) {
    return new Training(MODEL, optimizer, LearningRate.constant(3e-3));
  }

  private static TorchEngine open(Placement placement) {
    Optimizer adamW = new Optimizer.AdamW(0.9, 0.95, 1e-8, 0.05, 1);
    TorchEngine engine = new TorchEngineProvider().open(training(adamW), placement);
    engine.load(TrainState.start(weights()));
    return engine;
  }

  /** The head is drawn at a thousandth of the scale of others: here it shall matter. */
  private static Parameters weights() {
    Parameters weights = Parameters.draw(ParameterLayout.of(MODEL), 1);
    float[] head = weights.get("classifier.weight");
    for (int i = 0; i < head.length; i++) {
      head[i] *= 20_000;
    }
    return weights;
  }

  private static CubeBatch batch() {
    float[] labels = {1, 0, 1, 0, 0, 1, 0, 1, 0, -1, -1, -1};
    return Batches.with(Batches.of(GEOMETRY, new NoMasking(), labels, 2, 1, 0), BOXES, 0);
  }

  /** Bilinear interpolation at a place between the middles of tokens; 0 a token outside. */
  private static double sample(double[][] map, double y, double x) {
    int height = map.length;
    int width = map[0].length;
    if (y < -1 || y > height || x < -1 || x > width) {
      return 0;
    }
    double down = Math.max(0, Math.min(y, height - 1));
    double right = Math.max(0, Math.min(x, width - 1));
    int top = (int) down;
    int left = (int) right;
    int bottom = Math.min(top + 1, height - 1);
    int end = Math.min(left + 1, width - 1);
    double v = down - top;
    double u = right - left;
    return (1 - v) * ((1 - u) * map[top][left] + u * map[top][end])
        + v * ((1 - u) * map[bottom][left] + u * map[bottom][end]);
  }

  /** The bins of a box, {@code [49]}, sampled one by one. */
  private static double[] bins(double[][] map, float[] box) {
    double top = (double) box[1] * map.length;
    double left = (double) box[0] * map[0].length;
    double height = (double) box[3] * map.length - top;
    double width = (double) box[2] * map[0].length - left;
    int down = (int) Math.ceil(height / SIDE);
    int across = (int) Math.ceil(width / SIDE);
    double[] bins = new double[SIDE * SIDE];
    for (int bin = 0; bin < bins.length; bin++) {
      int row = bin / SIDE;
      for (int i = 0; i < down * across; i++) {
        int step = i / across;
        double y = top - 0.5 + (row + (step + 0.5) / down) * height / SIDE;
        double x = left - 0.5 + (bin % SIDE + (i % across + 0.5) / across) * width / SIDE;
        bins[bin] += sample(map, y, x) / (down * across);
      }
    }
    return bins;
  }

  @ParameterizedTest
  @CsvSource({
    "inside, 0.21, 0.33, 0.74, 0.68",
    "whole, 0, 0, 1, 1",
    "at the border, 0.8, 0.9, 1, 1",
    "beyond it, -0.2, 0.5, 1.3, 1.4",
    "within a token, 0.51, 0.52, 0.53, 0.54",
    "of no area, 0.4, 0.2, 0.4, 0.7",
    "inside out, 0.6, 0.2, 0.4, 0.7"
  })
  void binsABoxAsSamplesOneByOneDo(String which, float left, float top, float right, float bottom) {
    ClipGeometry geometry = new ClipGeometry(2, 16 * 16, 16 * 30, 2, 16); // 16 x 30 tokens
    int width = geometry.gridWidth();
    SplittableRandom random = new SplittableRandom(5);
    double[][] map = new double[geometry.gridHeight()][width];
    for (double[] row : map) {
      Arrays.setAll(row, x -> random.nextDouble(-1, 1));
    }
    float[] box = {left, top, right, bottom};
    float[] weights = Detection.bins(geometry, box);
    double[] expected = bins(map, box);
    int tokens = geometry.tokensPerSlice();
    for (int bin = 0; bin < expected.length; bin++) {
      double sum = 0;
      for (int token = 0; token < tokens; token++) {
        sum += weights[bin * tokens + token] * map[token / width][token % width];
      }
      assertThat(sum).as(which + ", bin " + bin).isCloseTo(expected[bin], within(1e-6));
    }
  }

  @Test
  void weighsTokensAsWorkedOutByHand() {
    // one row of 7 tokens, the box is tokens 3.5 to 7: a bin is one sample, half a token long
    float[] weights = Detection.bins(new ClipGeometry(2, 4, 28, 2, 4), new float[] {0.5f, 0, 1, 1});
    assertThat(Arrays.copyOfRange(weights, 0, 7)) // at 3.5 − 0.5 + 0.25
        .containsExactly(0, 0, 0, 0.75f, 0.25f, 0, 0);
    assertThat(Arrays.copyOfRange(weights, 7, 14)) // at 3.75
        .containsExactly(0, 0, 0, 0.25f, 0.75f, 0, 0);
    assertThat(Arrays.copyOfRange(weights, 42, 49)) // at 6.25, beyond the last token's middle
        .containsExactly(0, 0, 0, 0, 0, 0, 1);
  }

  @Test
  void derivesTheMaximumOverBinsAsFiniteDifferencesDo() {
    Scope.run(
        () -> {
          float[] corners = Arrays.copyOf(BOXES, 8);
          corners[6] = corners[4]; // the second has no area
          TensorOptions fp64 = new TensorOptions(ScalarType.Double);
          Tensor bins =
              torch
                  .tensor(Detection.bins(GEOMETRY, corners), fp64)
                  .view(1, 2, SIDE * SIDE, GEOMETRY.tokensPerSlice());
          double[] values =
              new SplittableRandom(3).doubles(GEOMETRY.tokensPerSlice() * 2L, -1, 1).toArray();
          Tensor tokens = tokens(values);
          tokens.set_requires_grad(true);
          Tensor pooled = Detection.strongest(bins, tokens);
          weighed(pooled).backward();
          double step = 1e-6;
          for (int i = 0; i < values.length; i++) {
            double[] changed = values.clone();
            changed[i] += step;
            double more = weighed(Detection.strongest(bins, tokens(changed))).item_double();
            changed[i] -= 2 * step;
            double less = weighed(Detection.strongest(bins, tokens(changed))).item_double();
            double derivative = tokens.grad().flatten().select(0, i).item_double();
            assertThat(derivative).isCloseTo((more - less) / (2 * step), within(1e-8));
          }
          assertThat(tokens.grad().abs().sum().item_double()).isGreaterThan(1);
          assertThat(pooled.select(1, 1).abs().sum().item_double()).isZero();
        });
  }

  private static Tensor tokens(double[] values) {
    DoubleArrayRef all = new DoubleArrayRef(new DoublePointer(values), values.length);
    return torch.tensor(all, new TensorOptions(ScalarType.Double)).view(1, -1, 2);
  }

  private static Tensor weighed(Tensor pooled) {
    Tensor shares = torch.arange(new Scalar(1), new Scalar(5), pooled.options());
    return pooled.flatten().mul(shares).sum();
  }

  @Test
  void scoresTheStrongestBinsOfTheMeanOverTime() {
    CubeBatch batch = batch();
    try (TorchEngine engine = open(Placement.ONE_THREAD)) {
      float[] tokens = engine.encode(batch);
      float[] scores = engine.predict(batch);
      assertThat(scores).hasSize(2 * 2 * CLASSES);
      float[] head = weights().get("classifier.weight");
      int dim = MODEL.encoder().dim();
      int slice = GEOMETRY.tokensPerSlice();
      for (int box = 0; box < 3; box++) {
        double[] expected = new double[CLASSES];
        for (int d = 0; d < dim; d++) {
          double[][] map = new double[GEOMETRY.gridHeight()][GEOMETRY.gridWidth()];
          for (int token = 0; token < 2 * slice; token++) {
            int at = token % slice;
            map[at / GEOMETRY.gridWidth()][at % GEOMETRY.gridWidth()] +=
                tokens[(box / 2 * 2 * slice + token) * dim + d] / 2;
          }
          double[] bins = bins(map, Arrays.copyOfRange(BOXES, 4 * box, 4 * box + 4));
          for (int k = 0; k < CLASSES; k++) {
            expected[k] += head[k * dim + d] * Arrays.stream(bins).max().orElseThrow();
          }
        }
        for (int k = 0; k < CLASSES; k++) {
          assertThat((double) scores[box * CLASSES + k]).isCloseTo(expected[k], within(1e-3));
        }
      }
    }
  }

  @Test
  void minimisesTheMeanCrossEntropyOverBoxesThatThereAre() {
    CubeBatch batch = batch();
    try (TorchEngine engine = open(Placement.ONE_THREAD)) {
      float[] scores = engine.predict(batch);
      double expected = 0;
      for (int i = 0; i < 3 * CLASSES; i++) {
        expected += Math.log1p(Math.exp(batch.labels()[i] == 1 ? -scores[i] : scores[i]));
      }
      assertThat(Gradient.of(engine, batch).loss())
          .isCloseTo(expected / (3 * CLASSES), within(1e-5));
    }
  }

  @Test
  void givesOneGradientInWorkersAndMicroBatches() {
    CubeBatch batch = batch();
    try (TorchEngine whole = open(Placement.ONE_THREAD);
        TorchEngine parts =
            open(new Placement(Device.CPU, Precision.FP32, 2, new MicroBatches(1, true)))) {
      Tensors.assertRelativelyClose(
          Gradient.of(parts, batch).values(), Gradient.of(whole, batch).values(), 1e-3);
    }
  }

  @Test
  void derivesItsLossAsADifferenceAlongTheGradientDoes() {
    CubeBatch batch = batch();
    try (TorchEngine engine = open(Placement.ONE_THREAD)) {
      Parameters gradient = Gradient.of(engine, batch).values();
      double squares = 0;
      float[][] ahead = new float[gradient.layout().parameters().size()][];
      float[][] behind = new float[ahead.length][];
      double step = 1e-3;
      for (int i = 0; i < ahead.length; i++) {
        ahead[i] = weights().get(i).clone();
        behind[i] = weights().get(i).clone();
        for (int j = 0; j < ahead[i].length; j++) {
          double slope = gradient.get(i)[j];
          squares += slope * slope;
          ahead[i][j] += (float) (step * slope);
          behind[i][j] -= (float) (step * slope);
        }
      }
      ParameterLayout layout = gradient.layout();
      engine.load(TrainState.start(new Parameters(layout, ahead)));
      double more = Gradient.of(engine, batch).loss();
      engine.load(TrainState.start(new Parameters(layout, behind)));
      double less = Gradient.of(engine, batch).loss();
      assertThat((more - less) / (2 * step)).isCloseTo(squares, within(0.02 * squares));
    }
  }

  @Test
  void learnsWhichBoxDoesWhat() {
    CubeBatch batch = batch();
    try (TorchEngine engine = open(Placement.ONE_THREAD)) {
      for (int i = 0; i < 150; i++) {
        engine.step(batch);
      }
      float[] scores = engine.predict(batch);
      for (int i = 0; i < 3 * CLASSES; i++) {
        assertThat(scores[i] > 0).isEqualTo(batch.labels()[i] == 1);
      }
    }
  }

  @Test
  void refusesClipsWithoutBoxes() {
    CubeBatch none = Batches.labelled(GEOMETRY, CLASSES, 2);
    try (TorchEngine engine = open(Placement.ONE_THREAD)) {
      assertThatThrownBy(() -> engine.step(none)).hasMessageContaining("found no box");
      assertThatThrownBy(() -> engine.predict(none)).hasMessageContaining("found no box");
    }
  }
}
