package io.tubelet.engine.torch;

import org.bytedeco.pytorch.Tensor;

/** What is minimised. */
sealed interface Objective extends AutoCloseable permits Reconstruction, Classification {

  /**
   * Adds these clips' part of the gradient of the mean loss to the weights' gradients.
   *
   * @return their part of the mean loss, fp64 {@code [1]} on the device
   */
  Tensor backward(DeviceBatch batch);

  /**
   * What the network answers: class scores {@code [batch, classes]} or predicted hidden cubes
   * {@code [batch, hidden, cubeValues]}, fp32.
   */
  Tensor predict(DeviceBatch batch);

  /** The encoder's tokens after the norm that belongs to it, if one does: of the same shape. */
  Tensor normalise(Tensor encoded);

  @Override
  void close();
}
