package io.tubelet.training;

import io.tubelet.model.ModelSpec;
import java.io.Serializable;

/**
 * What a replica must know to train: the network, the update rule and the rate of every step.
 *
 * @param model the network
 * @param optimizer the update rule
 * @param learningRate the rate of each step
 * @param dropping what a step leaves out at random
 */
public record Training(
    ModelSpec model, Optimizer optimizer, LearningRate learningRate, DropPath dropping)
    implements Serializable {

  /** With nothing left out. */
  public Training(ModelSpec model, Optimizer optimizer, LearningRate learningRate) {
    this(model, optimizer, learningRate, DropPath.NONE);
  }
}
