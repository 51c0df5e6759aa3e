package io.tubelet.spark.train;

import io.tubelet.cube.CubeBatch;
import io.tubelet.engine.dl4j.BatchArrays;
import io.tubelet.engine.dl4j.VideoMaeGraph;
import io.tubelet.train.Training;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.spark.api.TrainingHook;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * A minibatch as one example of DL4J, {@code [1, batch, …]}, and back.
 *
 * <p>dl4j-spark's worker cuts and joins data sets until they have its batch size. With a batch size
 * of one and minibatches that are one example each, it leaves them as they were planned; this hook
 * then takes the leading one off again, right before the network sees them, and frees them right
 * after.
 *
 * <p>The hook also tells the worker's network which step of the run it is at: DL4J clones the
 * configuration for every worker and the clone counts iterations from 0, so schedules and Adam's
 * bias correction would start again every round.
 */
final class OneExample implements TrainingHook {

  private static final class Minibatch extends org.nd4j.linalg.dataset.MultiDataSet {
    private final transient BatchArrays arrays;
    private final long globalStep;
    private final transient Training training;
    private final transient CubeBatch batch;

    Minibatch(BatchArrays arrays, long globalStep, Training training, CubeBatch batch) {
      super(
          new INDArray[] {longer(arrays.cubes()), longer(arrays.order())},
          new INDArray[] {longer(arrays.labels())});
      this.arrays = arrays;
      this.globalStep = globalStep;
      this.training = training;
      this.batch = batch;
    }

    private static INDArray longer(INDArray array) {
      long[] shape = new long[array.rank() + 1];
      shape[0] = 1;
      System.arraycopy(array.shape(), 0, shape, 1, array.rank());
      return array.reshape(shape);
    }
  }

  /**
   * The minibatch as one example; its native memory is freed by {@link #postUpdate}.
   *
   * @param globalStep the step of the run that it is for
   * @param training has the rates of drop path and dropout
   */
  static MultiDataSet of(CubeBatch batch, long globalStep, Training training) {
    return new Minibatch(BatchArrays.of(batch), globalStep, training, batch);
  }

  @Override
  public void preUpdate(MultiDataSet data, Model model) {
    Minibatch minibatch = (Minibatch) data;
    ComputationGraph graph = (ComputationGraph) model;
    graph.getConfiguration().setIterationCount(Math.toIntExact(minibatch.globalStep));
    CubeBatch batch = minibatch.batch;
    VideoMaeGraph.drop(graph, minibatch.training, batch.seed(), batch.clips());
    BatchArrays arrays = minibatch.arrays;
    data.setFeatures(arrays.features());
    data.setLabels(new INDArray[] {arrays.labels()});
  }

  @Override
  public void postUpdate(MultiDataSet data, Model model) {
    Minibatch minibatch = (Minibatch) data;
    VideoMaeGraph.dropNothing((ComputationGraph) model, minibatch.training);
    minibatch.arrays.close();
  }

  @Override
  public void preUpdate(DataSet data, Model model) {}

  @Override
  public void postUpdate(DataSet data, Model model) {}
}
