package io.tubelet.engine.torch;

import org.bytedeco.pytorch.Tensor;

/** What is minimised. */
sealed interface Objective extends AutoCloseable permits Reconstruction, Classification {

  /**
   * Adds the gradient of the mean loss to the weights' gradients.
   *
   * @return the mean loss, fp64 scalar on the device
   */
  Tensor backward(DeviceBatch batch);

  /**
   * What the network answers: class scores {@code [batch, classes]} or predicted hidden cubes
   * {@code [batch, hidden, cubeValues]}, fp32.
   */
  Tensor predict(DeviceBatch batch);

  @Override
  void close();
}
