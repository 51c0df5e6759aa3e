package io.tubelet.engine.dl4j.layer;

import java.util.List;
import org.deeplearning4j.nn.api.layers.IOutputLayer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/**
 * The last layer: makes predictions and, where there are labels, their mean loss. Of DL4J's methods
 * for output layers only those that a {@code ComputationGraph} calls in training are supported.
 */
public abstract class LossLayer extends ParameterLayer implements IOutputLayer {
  private transient INDArray labels;
  private transient Double loss;

  LossLayer(NeuralNetConfiguration conf, DataType type, INDArray flat) {
    super(conf, type, flat);
  }

  /** Predictions for the present input; the rest of the forward pass lies in {@code working}. */
  abstract INDArray predict(Memory working, Memory result);

  /** The loss; the predictions become its derivative. */
  abstract double loss(INDArray predictions);

  /** From the derivative by the predictions that were made last to that by the input. */
  abstract INDArray backward(INDArray predictions, Memory working, Memory result);

  @Override
  public final INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
    return predict(
        Memory.forward(workspaces, training, dataType), Memory.output(workspaces, dataType));
  }

  @Override
  public final Pair<Gradient, INDArray> backpropGradient(
      INDArray none, LayerWorkspaceMgr workspaces) {
    Memory working = Memory.backward(workspaces, dataType);
    INDArray predictions = predict(working, working);
    loss = loss(predictions);
    return result(backward(predictions, working, Memory.epsilon(workspaces, dataType)));
  }

  /** The loss; DL4J's regularisation score is zero, as weight decay is no part of the loss. */
  @Override
  public final double computeScore(
      double regularisation, boolean training, LayerWorkspaceMgr workspaces) {
    if (loss != null) {
      return loss; // the backward pass has met it on its way
    }
    Memory working = Memory.forward(workspaces, false, dataType);
    return loss(predict(working, working));
  }

  @Override
  public void clear() {
    super.clear();
    labels = null;
    loss = null;
  }

  @Override
  public final boolean needsLabels() {
    return true;
  }

  @Override
  public final void setLabels(INDArray labels) {
    this.labels = labels;
  }

  @Override
  public final INDArray getLabels() {
    return labels;
  }

  private static UnsupportedOperationException unsupported() {
    return new UnsupportedOperationException("use the graph's output(), fit() or score()");
  }

  @Override
  public INDArray computeScoreForExamples(double regularisation, LayerWorkspaceMgr workspaces) {
    throw unsupported();
  }

  @Override
  public double f1Score(DataSet data) {
    throw unsupported();
  }

  @Override
  public double f1Score(INDArray examples, INDArray labels) {
    throw unsupported();
  }

  @Override
  @Deprecated
  public int numLabels() {
    throw unsupported();
  }

  @Override
  public void fit(DataSetIterator iterator) {
    throw unsupported();
  }

  @Override
  public int[] predict(INDArray examples) {
    throw unsupported();
  }

  @Override
  public List<String> predict(DataSet data) {
    throw unsupported();
  }

  @Override
  public void fit(INDArray examples, INDArray labels) {
    throw unsupported();
  }

  @Override
  public void fit(DataSet data) {
    throw unsupported();
  }

  @Override
  public void fit(INDArray examples, int[] labels) {
    throw unsupported();
  }
}
