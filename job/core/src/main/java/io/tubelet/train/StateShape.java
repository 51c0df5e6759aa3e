package io.tubelet.train;

import io.tubelet.model.ParameterLayout;
import io.tubelet.train.StatePart.Kind;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * What a run's state consists of: weights, the moments that replicas share, the outer momentum if
 * there is one, and each replica's own moments if they are local. Plain gradient descent has no
 * moments, so none are kept or moved.
 */
public record StateShape(Training training, AveragingRule rule, int replicas)
    implements Serializable {
  public ParameterLayout layout() {
    return ParameterLayout.of(training.model());
  }

  /** The parts that are the mean of the replicas'. */
  public List<StatePart> averaged() {
    return hasMoments() && rule.moments() == AveragingRule.Moments.AVERAGED
        ? List.of(StatePart.WEIGHTS, StatePart.FIRST_MOMENT, StatePart.SECOND_MOMENT)
        : List.of(StatePart.WEIGHTS);
  }

  private boolean hasMoments() {
    return training.optimizer() instanceof Optimizer.AdamW;
  }

  /** The parts that are a replica's own; none where replicas share all they have. */
  public List<StatePart> local(int replica) {
    return hasLocalMoments()
        ? List.of(
            new StatePart(Kind.FIRST_MOMENT, replica), new StatePart(Kind.SECOND_MOMENT, replica))
        : List.of();
  }

  public List<StatePart> parts() {
    List<StatePart> parts = new ArrayList<>(averaged());
    if (rule.outer().hasMomentum()) {
      parts.add(StatePart.OUTER_MOMENTUM);
    }
    for (int replica = 0; replica < replicas; replica++) {
      parts.addAll(local(replica));
    }
    return parts;
  }

  /** Whether replicas are equal after every step, as they average its gradients. */
  public boolean synchronous() {
    return rule.of() == AveragingRule.Of.GRADIENTS && !alone();
  }

  /** The parts that travel: of gradients as many values as there are weights. */
  public List<StatePart> moved() {
    return synchronous() ? List.of(StatePart.WEIGHTS) : averaged();
  }

  /** Whether the only replica's state is the run's, so that there is nothing to average. */
  public boolean alone() {
    return replicas == 1 && !rule.outer().hasMomentum();
  }

  public boolean hasLocalMoments() {
    return hasMoments() && rule.moments() == AveragingRule.Moments.LOCAL;
  }
}
