package io.tubelet.engine.dl4j.conf;

import io.tubelet.engine.dl4j.arithmetic.AdamStep;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Configuration of {@link AdamStep}: DL4J's Adam but for where ε stands. The state of a block is
 * DL4J's, too: all first moments, then all second moments.
 *
 * @param rate the learning rate of each iteration
 */
public record ExactAdam(
    @JsonProperty("rate") StepRate rate,
    @JsonProperty("beta1") double beta1,
    @JsonProperty("beta2") double beta2,
    @JsonProperty("epsilon") double epsilon)
    implements IUpdater {
  private static final String FIRST = "M";
  private static final String SECOND = "V";

  @Override
  public long stateSize(long parameters) {
    return 2 * parameters;
  }

  @Override
  public GradientUpdater<ExactAdam> instantiate(INDArray state, boolean initialize) {
    INDArray flat = state.reshape(state.length());
    long length = flat.length() / 2;
    Map<String, INDArray> moments =
        Map.of(
            FIRST, flat.get(NDArrayIndex.interval(0, length)),
            SECOND, flat.get(NDArrayIndex.interval(length, 2 * length)));
    return instantiate(moments, initialize);
  }

  @Override
  public GradientUpdater<ExactAdam> instantiate(Map<String, INDArray> moments, boolean initialize) {
    if (initialize) {
      moments.values().forEach(moment -> moment.assign(0));
    }
    return new Moments(this, moments);
  }

  @Override
  public double getLearningRate(int iteration, int epoch) {
    return rate.valueAt(iteration, epoch);
  }

  @Override
  public boolean hasLearningRate() {
    return true;
  }

  @Override
  public void setLrAndSchedule(double rate, ISchedule schedule) {
    throw new UnsupportedOperationException("the rate belongs to the training, build a new graph");
  }

  @Override
  public ExactAdam clone() {
    return this;
  }

  /** The moments of one block. */
  private record Moments(ExactAdam config, Map<String, INDArray> state)
      implements GradientUpdater<ExactAdam> {

    @Override
    public void applyUpdater(INDArray gradient, int iteration, int epoch) {
      new AdamStep(
              config.beta1,
              config.beta2,
              config.epsilon,
              config.getLearningRate(iteration, epoch),
              iteration + 1)
          .apply(gradient, state.get(FIRST), state.get(SECOND));
    }

    @Override
    public ExactAdam getConfig() {
      return config;
    }

    @Override
    public Map<String, INDArray> getState() {
      return state;
    }

    @Override
    public void setState(Map<String, INDArray> moments, boolean initialize) {
      throw new UnsupportedOperationException("instantiate it with the moments");
    }

    @Override
    public void setStateViewArray(INDArray view, long[] shape, char order, boolean initialize) {
      throw new UnsupportedOperationException("instantiate it with the view");
    }
  }
}
