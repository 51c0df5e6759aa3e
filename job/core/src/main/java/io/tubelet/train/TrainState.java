package io.tubelet.train;

import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.train.StateView.StateBuilder;
import io.tubelet.train.StateView.StatePart;
import java.io.Serializable;
import java.util.List;

/**
 * All that training leaves behind and starts from again. Any engine can load it.
 *
 * @param step steps taken; the next step has this index
 * @param firstMoment AdamW's running mean of gradients; zero where the rule has none
 * @param secondMoment AdamW's running mean of squared gradients; zero where the rule has none
 */
public record TrainState(
    long step, Parameters weights, Parameters firstMoment, Parameters secondMoment)
    implements StateView, Serializable {

  public static TrainState start(Parameters weights) {
    return new TrainState(
        0, weights, Parameters.zero(weights.layout()), Parameters.zero(weights.layout()));
  }

  public TrainState at(long steps) {
    return new TrainState(steps, weights, firstMoment, secondMoment);
  }

  /** The parts of a vector of shared or local moments, or of weights. */
  public List<Parameters> vector(List<StatePart> parts) {
    return parts.stream().map(this::part).toList();
  }

  private Parameters part(StatePart part) {
    return switch (part.kind()) {
      case WEIGHTS -> weights;
      case FIRST_MOMENT -> firstMoment;
      case SECOND_MOMENT -> secondMoment;
      case OUTER_MOMENTUM ->
          throw new IllegalArgumentException("a replica has no " + part.prefix());
    };
  }

  @Override
  public ParameterLayout layout() {
    return weights.layout();
  }

  @Override
  public List<StatePart> parts() {
    return List.of(StatePart.WEIGHTS, StatePart.FIRST_MOMENT, StatePart.SECOND_MOMENT);
  }

  @Override
  public float[] tensor(StatePart part, int index) {
    return part(part).get(index);
  }

  public static final class Builder implements StateBuilder<TrainState> {
    private final TrainState state;

    public Builder(ParameterLayout layout) {
      state = start(Parameters.zero(layout));
    }

    @Override
    public void add(StatePart part, int index, float[] values) {
      float[] target = state.part(part).get(index);
      System.arraycopy(values, 0, target, 0, target.length);
    }

    @Override
    public TrainState build(long step) {
      return state.at(step);
    }
  }
}
