package io.tubelet.train;

import io.tubelet.model.ModelSpec;
import java.io.Serializable;

/** What a replica must know to train: the network, the update rule and the rate of every step. */
public record Training(
    ModelSpec model, Optimizer optimizer, LearningRate learningRate, DropPath dropping)
    implements Serializable {
  private static final double MOMENTUM = 0.99;

  public Training(ModelSpec model, Optimizer optimizer, LearningRate learningRate) {
    this(model, optimizer, learningRate, DropPath.NONE);
  }

  /**
   * How far MoCo v3's momentum encoder goes towards the encoder after this step: 1 less a momentum
   * that rises by half a cosine from 0.99 to 1 (arXiv 2104.02057).
   */
  public double following(long step) {
    return new LearningRate(1 - MOMENTUM, 0, 0, learningRate.totalSteps()).at(step);
  }
}
