package io.tubelet.engine.dl4j.layer;

import io.tubelet.engine.dl4j.arithmetic.Affine;
import io.tubelet.engine.dl4j.arithmetic.Norm;
import io.tubelet.engine.dl4j.arithmetic.PixelError;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Hidden tokens to cubes: {@code [batch, hidden, decoderDim]} → {@code [batch, hidden,
 * cubeValues]}. Labels are the hidden cubes, uint8 of the same shape.
 */
public final class ReconstructionOutputLayer extends LossLayer {
  private static final String NORM = "decoder.norm";
  private static final String HEAD = "decoder.head";

  private final PixelError error;
  private transient INDArray normalised; // [batch · hidden, decoderDim]

  /**
   * Called by the configuration.
   *
   * @param error the loss
   */
  public ReconstructionOutputLayer(
      NeuralNetConfiguration conf, DataType type, INDArray flat, PixelError error) {
    super(conf, type, flat);
    this.error = error;
  }

  private INDArray rows() {
    return input.reshape('c', input.size(0) * input.size(1), input.size(2));
  }

  @Override
  INDArray predict(Memory working, Memory result) {
    Affine head = values().affine(HEAD);
    long cubeValues = head.bias().length();
    normalised = working.create(rows().shape());
    values().norm(NORM).forward(rows(), normalised);
    INDArray cubes = result.create(input.size(0), input.size(1), cubeValues);
    head.forward(normalised, cubes.reshape('c', rows().size(0), cubeValues));
    return cubes;
  }

  @Override
  double loss(INDArray predictions) {
    return error.of(predictions, getLabels());
  }

  @Override
  INDArray backward(INDArray predictions, Memory working, Memory result) {
    INDArray cubes = predictions.reshape('c', rows().size(0), predictions.size(2));
    Affine.gradient(normalised, cubes, gradients().affine(HEAD));
    INDArray d = working.create(normalised.shape());
    values().affine(HEAD).backward(cubes, d);
    INDArray dx = result.zero(input.shape());
    Norm gradient = gradients().norm(NORM);
    values().norm(NORM).backward(rows(), d, gradient, dx.reshape('c', d.shape()));
    return dx;
  }

  @Override
  public void clear() {
    super.clear();
    normalised = null;
  }
}
