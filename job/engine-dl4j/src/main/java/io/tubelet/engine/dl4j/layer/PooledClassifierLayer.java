package io.tubelet.engine.dl4j.layer;

import io.tubelet.engine.dl4j.arithmetic.Affine;
import io.tubelet.engine.dl4j.arithmetic.CrossEntropy;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Mean over tokens, norm, dropout, dense: {@code [batch, tokens, dim]} → scores before softmax
 * {@code [batch, classes]}. Labels are distributions {@code [batch, classes]}.
 */
public final class PooledClassifierLayer extends LossLayer {
  private static final String NORM = "fc_norm";
  private static final String CLASSIFIER = "classifier";

  private transient float[][] factors; // [batch][dim], null for ones
  private transient INDArray pooled; // [batch, dim]
  private transient INDArray normalised; // [batch, dim]

  /** Called by the configuration. */
  public PooledClassifierLayer(NeuralNetConfiguration conf, DataType type, INDArray flat) {
    super(conf, type, flat);
  }

  /**
   * Multiplies the values before the dense layer in the passes that follow.
   *
   * @param factors {@code [batch][dim]}; null for ones
   */
  public void scale(float[][] factors) {
    this.factors = factors;
  }

  private void scale(INDArray rows) {
    if (factors != null) {
      rows.muli(Nd4j.createFromArray(factors).castTo(rows.dataType()));
    }
  }

  /**
   * {@code [batch, 1, tokens]} of {@code 1 / tokens}: its product with the tokens is their mean.
   */
  private INDArray average(Memory memory) {
    return memory.create(input.size(0), 1, input.size(1)).assign(1.0 / input.size(1));
  }

  @Override
  INDArray predict(Memory working, Memory result) {
    Affine classifier = values().affine(CLASSIFIER);
    INDArray means = working.create(input.size(0), 1, input.size(2));
    Nd4j.matmul(average(working), input, means, false, false, false);
    pooled = means.reshape('c', input.size(0), input.size(2));
    normalised = working.create(pooled.shape());
    values().norm(NORM).forward(pooled, normalised);
    scale(normalised);
    INDArray scores = result.create(input.size(0), classifier.bias().length());
    classifier.forward(normalised, scores);
    return scores;
  }

  @Override
  double loss(INDArray predictions) {
    return CrossEntropy.of(predictions, getLabels());
  }

  @Override
  INDArray backward(INDArray predictions, Memory working, Memory result) {
    Affine.gradient(normalised, predictions, gradients().affine(CLASSIFIER));
    INDArray d = working.create(normalised.shape());
    values().affine(CLASSIFIER).backward(predictions, d);
    scale(d);
    INDArray means = working.zero(pooled.shape());
    values().norm(NORM).backward(pooled, d, gradients().norm(NORM), means);
    INDArray dx = result.create(input.shape());
    INDArray rows = means.reshape('c', input.size(0), 1, input.size(2));
    Nd4j.matmul(average(working), rows, dx, true, false, false);
    return dx;
  }

  @Override
  public void clear() {
    super.clear();
    pooled = null;
    normalised = null;
  }
}
