package io.tubelet.training;

import io.tubelet.model.Parameters;
import java.io.Serializable;

/**
 * All that training leaves behind and starts from again. Any engine can load it.
 *
 * @param step steps taken; the next step has this index
 * @param weights the network's parameters
 * @param firstMoment AdamW's running mean of gradients; zero where the rule has none
 * @param secondMoment AdamW's running mean of squared gradients; zero where the rule has none
 */
public record TrainState(
    long step, Parameters weights, Parameters firstMoment, Parameters secondMoment)
    implements Serializable {

  /** The state before the first step. */
  public static TrainState start(Parameters weights) {
    return new TrainState(
        0, weights, Parameters.zero(weights.layout()), Parameters.zero(weights.layout()));
  }
}
