package io.tubelet.training;

import io.tubelet.model.ModelSpec;
import java.io.Serializable;

/**
 * What a replica must know to train: the network, the update rule and the rate of every step.
 *
 * @param model the network
 * @param optimizer the update rule
 * @param learningRate the rate of each step
 */
public record Training(ModelSpec model, Optimizer optimizer, LearningRate learningRate)
    implements Serializable {}
