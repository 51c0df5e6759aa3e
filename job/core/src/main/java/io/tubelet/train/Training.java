package io.tubelet.train;

import io.tubelet.model.ModelSpec;
import java.io.Serializable;

/** What a replica must know to train: the network, the update rule and the rate of every step. */
public record Training(
    ModelSpec model, Optimizer optimizer, LearningRate learningRate, DropPath dropping)
    implements Serializable {

  public Training(ModelSpec model, Optimizer optimizer, LearningRate learningRate) {
    this(model, optimizer, learningRate, DropPath.NONE);
  }
}
