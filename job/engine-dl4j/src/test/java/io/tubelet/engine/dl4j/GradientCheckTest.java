package io.tubelet.engine.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tubelet.clip.SampleSeed;
import io.tubelet.cube.CubeBatch;
import io.tubelet.engine.Batches;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.Parameter;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Task;
import io.tubelet.model.Task.PixelLoss;
import io.tubelet.model.Task.TargetFrames;
import io.tubelet.model.Transformer;
import io.tubelet.train.DropPath;
import io.tubelet.train.TrainState;
import io.tubelet.train.Training;
import java.util.random.RandomGenerator;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;

/** Every tensor's gradient against central differences of the forward pass alone, in double. */
class GradientCheckTest {
  private static final double STEP = 1e-5;
  private static final int SAMPLES = 3;

  @Test
  void everyTensorOfPretrainingWithNormalisedTargetHasTheRightGradient() {
    check(Tiny.pretraining(true), Tiny.masked(3, 0));
  }

  @Test
  void everyTensorOfPretrainingOnRawPixelsHasTheRightGradient() {
    check(oneBlock(Tiny.pretraining(false)), Tiny.masked(2, 0));
  }

  /** The first test has two: what differs in the others is behind the encoder. */
  private static ModelSpec oneBlock(ModelSpec model) {
    Transformer two = model.encoder();
    Transformer one = new Transformer(two.dim(), 1, two.heads(), two.mlpRatio());
    return new ModelSpec(model.geometry(), one, model.task());
  }

  @Test
  void everyTensorHasTheRightGradientWhereTokensAreLeftOutOrOneFrameIsCompared() {
    CubeBatch batch = Tiny.masked(3, 0);
    ModelSpec model = oneBlock(Tiny.pretraining(true));
    check(model, withoutTheLastRow(batch));
    Task.Pretraining task = model.pretraining();
    Task centre =
        new Task.Pretraining(task.decoder(), true, PixelLoss.SMOOTH_L1, TargetFrames.CENTRE);
    check(new ModelSpec(model.geometry(), model.encoder(), centre), batch);
  }

  /** The decoder is not asked for each clip's last hidden token. */
  private static CubeBatch withoutTheLastRow(CubeBatch batch) {
    int values = batch.geometry().cubeValues();
    int rows = batch.rows() - 1;
    byte[] cubes = new byte[batch.size() * rows * values];
    int[] order = new int[batch.size() * rows];
    for (int clip = 0; clip < batch.size(); clip++) {
      int from = clip * batch.rows();
      System.arraycopy(batch.cubes(), from * values, cubes, clip * rows * values, rows * values);
      System.arraycopy(batch.order(), from, order, clip * rows, rows);
    }
    return new CubeBatch(
        batch.geometry(),
        batch.visible(),
        cubes,
        order,
        batch.labels(),
        batch.boxes(),
        batch.clips(),
        0);
  }

  @Test
  void everyTensorOfAClassifierHasTheRightGradient() {
    check(oneBlock(Tiny.classifier()), Tiny.labelled(3, 0));
  }

  @Test
  void everyTensorOfAClassifierOfWhichPartsAreLeftOutHasTheRightGradient() {
    CubeBatch batch = Batches.with(Tiny.labelled(4, 0), new float[0], 5);
    check(Tiny.dropping(Tiny.classifier(), new DropPath(0.5, 0.4)), batch);
  }

  private static void check(ModelSpec model, CubeBatch batch) {
    check(Tiny.training(model, Tiny.ADAM_W), batch);
  }

  private static void check(Training training, CubeBatch batch) {
    ModelSpec model = training.model();
    ComputationGraph graph = VideoMaeGraph.of(training, DataType.DOUBLE);
    GraphState.load(graph, TrainState.start(Tiny.parameters(model)));
    try (BatchArrays arrays = BatchArrays.of(batch)) {
      VideoMaeGraph.drop(graph, training, batch.seed(), batch.clips());
      graph.setInputs(arrays.features());
      graph.setLabels(arrays.labels());
      graph.computeGradientAndScore();
      assertThat(graph.score()).isEqualTo(loss(graph, arrays));
      RandomGenerator random = SampleSeed.of(1, 0, "sample");
      long from = 0;
      for (Parameter parameter : ParameterLayout.of(model).parameters()) {
        for (int i = 0; i < SAMPLES; i++) {
          long at = from + random.nextInt(parameter.size());
          double expected = difference(graph, arrays, at);
          assertThat(graph.getFlattenedGradients().getDouble(0, at))
              .as("%s[%d]", parameter.name(), at - from)
              .isCloseTo(expected, within(1e-9 + 1e-6 * Math.abs(expected)));
        }
        from += parameter.size();
      }
    }
    graph.close();
  }

  private static double difference(ComputationGraph graph, BatchArrays arrays, long at) {
    INDArray params = graph.params();
    double value = params.getDouble(at);
    params.putScalar(at, value + STEP);
    double above = loss(graph, arrays);
    params.putScalar(at, value - STEP);
    double below = loss(graph, arrays);
    params.putScalar(at, value);
    return (above - below) / (2 * STEP);
  }

  private static double loss(ComputationGraph graph, BatchArrays arrays) {
    INDArray[] labels = {arrays.labels()};
    return graph.score(new MultiDataSet(arrays.features(), labels), false);
  }
}
