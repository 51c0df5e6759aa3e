package io.tubelet.train;

import io.tubelet.model.Parameters;
import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * All that training leaves behind and starts from again. Any engine can load it.
 *
 * @param step steps taken; the next step has this index
 * @param firstMoment AdamW's running mean of gradients; zero where the rule has none
 * @param secondMoment likewise of squared gradients
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

  /** A replica's own parts, or those that all share; zero where there are neither. */
  public static TrainState of(long step, Map<StatePart, Parameters> parts, int replica) {
    Parameters weights = parts.get(StatePart.WEIGHTS);
    return new TrainState(
        step,
        weights,
        moment(weights, parts, StatePart.Kind.FIRST_MOMENT, replica),
        moment(weights, parts, StatePart.Kind.SECOND_MOMENT, replica));
  }

  private static Parameters moment(
      Parameters like, Map<StatePart, Parameters> parts, StatePart.Kind kind, int replica) {
    Parameters shared = parts.get(new StatePart(kind, StatePart.SHARED));
    Parameters found = parts.getOrDefault(new StatePart(kind, replica), shared);
    return found == null ? Parameters.zero(like.layout()) : found;
  }

  /** The tensors of some parts, by their index. */
  public Map<StatePart, IntFunction<float[]>> tensors(List<StatePart> parts) {
    Map<StatePart, IntFunction<float[]>> tensors = new LinkedHashMap<>();
    parts.forEach(part -> tensors.put(part, part(part.kind())::get));
    return tensors;
  }

  public Parameters part(StatePart.Kind kind) {
    return switch (kind) {
      case WEIGHTS -> weights;
      case FIRST_MOMENT -> firstMoment;
      case SECOND_MOMENT -> secondMoment;
      case OUTER_MOMENTUM -> throw new IllegalArgumentException("a replica has no outer momentum");
    };
  }
}
