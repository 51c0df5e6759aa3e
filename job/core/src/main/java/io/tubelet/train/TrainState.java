package io.tubelet.train;

import io.tubelet.model.Parameters;
import java.io.Serializable;

/**
 * All that training leaves behind and starts from again. Any engine can load it.
 *
 * @param step steps taken; the next step has this index
 * @param firstMoment AdamW's running mean of gradients; zero where the rule has none
 * @param secondMoment AdamW's running mean of squared gradients; zero where the rule has none
 */
public record TrainState(
    long step, Parameters weights, Parameters firstMoment, Parameters secondMoment)
    implements Serializable {

  public static TrainState start(Parameters weights) {
    return new TrainState(
        0, weights, Parameters.zero(weights.layout()), Parameters.zero(weights.layout()));
  }

  public TrainState at(long steps) {
    return new TrainState(steps, weights, firstMoment, secondMoment);
  }

  /** Weights or moments. */
  public Parameters part(StatePart.Kind kind) {
    return switch (kind) {
      case WEIGHTS -> weights;
      case FIRST_MOMENT -> firstMoment;
      case SECOND_MOMENT -> secondMoment;
      case OUTER_MOMENTUM -> throw new IllegalArgumentException("a replica has no outer momentum");
    };
  }
}
