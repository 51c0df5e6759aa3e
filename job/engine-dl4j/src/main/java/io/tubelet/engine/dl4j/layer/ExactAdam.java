package io.tubelet.engine.dl4j.layer;

import io.tubelet.train.LearningRate;
import io.tubelet.train.Optimizer;
import io.tubelet.train.Training;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.AdamUpdater;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Adam (arXiv 1412.6980) as PyTorch computes it, with g the gradient:
 *
 * <pre>
 * m ← β1·m + (1 − β1)·g        v ← β2·v + (1 − β2)·g²
 * update = rate · (m / (1 − β1ᵗ)) / (√(v / (1 − β2ᵗ)) + ε)
 * </pre>
 *
 * <p>DL4J's own Adam adds ε to the uncorrected √v, which makes ε up to 4.5 times (β2 = 0.95) as
 * large in the first steps: enough to move weights with tiny gradients by 2e-4 in three steps of
 * 1e-3. Here its operation is given {@code ε·√(1 − β2ᵗ)}, which is the same as the above.
 */
public final class ExactAdam extends Adam {

  public ExactAdam(
      @JsonProperty("learningRateSchedule") ISchedule rate,
      @JsonProperty("beta1") double beta1,
      @JsonProperty("beta2") double beta2,
      @JsonProperty("epsilon") double epsilon) {
    super(0, beta1, beta2, epsilon);
    setLearningRateSchedule(rate);
  }

  /** The update rule of a training for one layer, by its {@link Optimizer#rateFactor}. */
  public static IUpdater of(Training training, double factor) {
    Rate rate = new Rate(training.learningRate(), factor);
    return training.optimizer() instanceof Optimizer.AdamW adam
        ? new ExactAdam(rate, adam.beta1(), adam.beta2(), adam.epsilon())
        : new Sgd(rate);
  }

  /** {@link LearningRate} as a DL4J schedule over iterations, times a factor. */
  public record Rate(LearningRate rate, double factor) implements ISchedule {
    @Override
    public double valueAt(int iteration, int epoch) {
      return factor * rate.at(iteration);
    }

    @Override
    public Rate clone() {
      return this;
    }
  }

  @Override
  public ExactAdam clone() {
    return new ExactAdam(getLearningRateSchedule(), getBeta1(), getBeta2(), getEpsilon());
  }

  @Override
  public GradientUpdater<Adam> instantiate(INDArray state, boolean initialize) {
    Moments moments = new Moments(this);
    long[] shape = {state.length() / 2};
    moments.setStateViewArray(state.reshape(state.length()), shape, 'c', initialize);
    return moments;
  }

  /** The moments of one block: DL4J's, all first moments and then all second ones. */
  private static final class Moments extends AdamUpdater {
    Moments(ExactAdam config) {
      super(config);
    }

    @Override
    public void applyUpdater(INDArray gradient, int iteration, int epoch) {
      Adam adam = getConfig();
      double rate = adam.getLearningRate(iteration, epoch);
      double epsilon =
          adam.getEpsilon() * Math.sqrt(1 - Math.pow(adam.getBeta2(), iteration + 1.0));
      Nd4j.exec(
          new org.nd4j.linalg.api.ops.impl.updaters.AdamUpdater(
              gradient.reshape(getV().shape()),
              getV(),
              getM(),
              rate,
              adam.getBeta1(),
              adam.getBeta2(),
              epsilon,
              iteration));
      if (rate == 0) {
        gradient.assign(0); // ND4J takes ε for a rate of zero
      }
    }
  }
}
