package io.tubelet.engine.dl4j;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.SampleSeed;
import io.tubelet.cube.CubeBatch;
import io.tubelet.engine.Batches;
import io.tubelet.engine.Engine;
import io.tubelet.engine.Placement;
import io.tubelet.masking.Masking;
import io.tubelet.masking.TubeMasking;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.model.Task;
import io.tubelet.model.Transformer;
import io.tubelet.train.DropPath;
import io.tubelet.train.LearningRate;
import io.tubelet.train.Optimizer;
import io.tubelet.train.TrainState;
import io.tubelet.train.Training;
import java.util.random.RandomGenerator;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;

/** Networks and batches small enough for finite differences; the grid of cubes is 2 × 2 × 3. */
final class Tiny {
  static final ClipGeometry GEOMETRY = new ClipGeometry(4, 8, 12, 2, 4);
  static final Transformer ENCODER = new Transformer(12, 2, 3, 2);
  static final Transformer DECODER = new Transformer(8, 1, 2, 3);
  static final Optimizer ADAM_W = new Optimizer.AdamW(0.9, 0.95, 1e-8, 0.05, 1);
  static final Optimizer LAYERED = new Optimizer.AdamW(0.9, 0.999, 1e-8, 0.05, 0.75);

  private Tiny() {}

  static ModelSpec pretraining(boolean normalisedTarget) {
    return new ModelSpec(GEOMETRY, ENCODER, new Task.Pretraining(DECODER, normalisedTarget));
  }

  static ModelSpec classifier() {
    return pretraining(true).classifier(5);
  }

  static Training training(ModelSpec model, Optimizer optimizer) {
    return new Training(model, optimizer, new LearningRate(2e-3, 1e-4, 3, 20));
  }

  static Training dropping(ModelSpec model, DropPath dropping) {
    return new Training(model, ADAM_W, new LearningRate(2e-3, 1e-4, 3, 20), dropping);
  }

  static Engine engine(Training training) {
    Engine engine = new Nd4jEngineProvider().open(training, Placement.ONE_THREAD);
    engine.load(TrainState.start(parameters(training.model())));
    return engine;
  }

  /** First values with noise, so that no tensor is constant. */
  static Parameters parameters(ModelSpec model) {
    Parameters parameters = Parameters.draw(ParameterLayout.of(model), 7);
    RandomGenerator random = SampleSeed.of(7, 0, "noise");
    for (int i = 0; i < parameters.layout().parameters().size(); i++) {
      float[] values = parameters.get(i);
      for (int j = 0; j < values.length; j++) {
        values[j] += (float) (0.2 * random.nextGaussian());
      }
    }
    return parameters;
  }

  /** Masked clips, 4 of 12 tokens visible. */
  static CubeBatch masked(int size, int epoch) {
    return Batches.of(GEOMETRY, new TubeMasking(0.7), new float[0], size, 3, epoch);
  }

  /** Whole clips with soft labels over five classes. */
  static CubeBatch labelled(int size, int epoch) {
    float[] labels = new float[size * 5];
    for (int clip = 0; clip < size; clip++) {
      labels[clip * 5 + clip % 5] = 0.7f;
      labels[clip * 5 + (clip + 2) % 5] += 0.3f;
    }
    return Batches.of(GEOMETRY, new Masking.NoMasking(), labels, size, 3, epoch);
  }

  /** A batch as a DL4J data set, whose native memory is freed when it is collected. */
  static MultiDataSet dataSet(CubeBatch batch) {
    BatchArrays arrays = BatchArrays.of(batch);
    return new MultiDataSet(arrays.features(), new INDArray[] {arrays.labels()});
  }
}
