package io.tubelet.train;

import io.tubelet.model.ParameterLayout;
import io.tubelet.train.StateView.StatePart;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * What a run's state consists of. Parts that travel together are one vector:
 *
 * <pre>
 * 0          what all replicas start a round from and what is averaged: weights, shared moments
 * 1          the outer momentum, if there is one: only who averages needs it
 * one each   the moments of one replica, if they are local
 * </pre>
 *
 * Plain gradient descent has no moments, so none are kept or moved.
 */
public record StateShape(Training training, AveragingRule rule, int replicas)
    implements Serializable {

  /** The shape of a network that is not trained: its weights. */
  public static StateShape weights(Training training) {
    Training untrained =
        new Training(training.model(), new Optimizer.Sgd(), training.learningRate());
    return new StateShape(untrained, AveragingRule.PLAIN, 1);
  }

  public ParameterLayout layout() {
    return ParameterLayout.of(training.model());
  }

  private boolean has(AveragingRule.Moments moments) {
    return training.optimizer() instanceof Optimizer.AdamW && rule.moments() == moments;
  }

  public List<List<StatePart>> vectors() {
    List<List<StatePart>> vectors = new ArrayList<>();
    vectors.add(
        has(AveragingRule.Moments.AVERAGED)
            ? List.of(StatePart.WEIGHTS, StatePart.FIRST_MOMENT, StatePart.SECOND_MOMENT)
            : List.of(StatePart.WEIGHTS));
    if (rule.outer().hasMomentum()) {
      vectors.add(List.of(StatePart.OUTER_MOMENTUM));
    }
    for (int r = 0; r < replicas && has(AveragingRule.Moments.LOCAL); r++) {
      vectors.add(
          List.of(
              new StatePart(StatePart.Kind.FIRST_MOMENT, r),
              new StatePart(StatePart.Kind.SECOND_MOMENT, r)));
    }
    return vectors;
  }

  public List<StatePart> parts() {
    return vectors().stream().flatMap(List::stream).toList();
  }

  /** Whether the only replica's state is the run's, so that there is nothing to average. */
  public boolean alone() {
    return replicas == 1 && !rule.outer().hasMomentum();
  }

  public boolean hasLocalMoments() {
    return has(AveragingRule.Moments.LOCAL);
  }

  public int localVector(int replica) {
    return 1 + (rule.outer().hasMomentum() ? 1 : 0) + replica;
  }
}
