package io.tubelet.engine.dl4j.layer;

import java.util.Map;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.LossLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * The last layer: gives the predictions on as they are and, where there are labels, their mean
 * loss: that of {@link PixelError}, whose labels are the hidden cubes, or cross-entropy {@code −Σ
 * label·log softmax(score)} of scores and distributions {@code [batch, classes]}.
 *
 * <p>DL4J's own loss layer divides the loss by the batch.
 */
final class LossOutput extends LossLayer {
  private final transient PixelError error; // null for cross-entropy
  private transient Loss loss; // of the last backward pass

  /** The mean over the batch, and its derivative by the predictions. */
  record Loss(double mean, INDArray slope) {}

  LossOutput(NeuralNetConfiguration conf, DataType type, PixelError error) {
    super(conf, type);
    this.error = error;
    setParamTable(Map.of());
  }

  private Loss loss() {
    return error == null ? crossEntropy(input, labels) : error.of(input, labels);
  }

  static Loss crossEntropy(INDArray scores, INDArray distributions) {
    long batch = scores.size(0);
    INDArray labels = distributions.castTo(scores.dataType());
    INDArray logs = Nd4j.nn().logSoftmax(scores, 1);
    double sum = labels.mul(logs).sumNumber().doubleValue();
    INDArray slope = Transforms.exp(logs, false).muliColumnVector(labels.sum(1));
    return new Loss(-sum / batch, slope.subi(labels).divi(batch));
  }

  @Override
  public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
    return workspaces.dup(ArrayType.ACTIVATIONS, input);
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(INDArray none, LayerWorkspaceMgr workspaces) {
    loss = loss();
    INDArray slope = workspaces.leverageTo(ArrayType.ACTIVATION_GRAD, loss.slope());
    return new Pair<>(new DefaultGradient(), slope);
  }

  /** The loss; DL4J's regularisation score is zero, as weight decay is no part of the loss. */
  @Override
  public double computeScore(
      double regularisation, boolean training, LayerWorkspaceMgr workspaces) {
    return (loss == null ? loss() : loss).mean(); // the backward pass has met it on its way
  }

  @Override
  public void clear() {
    labels = null; // which LossLayer would destroy
    loss = null;
    super.clear();
  }
}
