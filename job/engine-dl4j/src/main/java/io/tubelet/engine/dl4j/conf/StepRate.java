package io.tubelet.engine.dl4j.conf;

import io.tubelet.training.LearningRate;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * {@link LearningRate} as a DL4J schedule over iterations, times a factor.
 *
 * @param factor layer-wise factor, see {@link io.tubelet.training.Optimizer#rateFactor}
 */
public record StepRate(
    @JsonProperty("peak") double peak,
    @JsonProperty("floor") double floor,
    @JsonProperty("warmupSteps") long warmupSteps,
    @JsonProperty("totalSteps") long totalSteps,
    @JsonProperty("factor") double factor)
    implements ISchedule {

  /** The schedule of a run for one layer. */
  public static StepRate of(LearningRate rate, double factor) {
    return new StepRate(rate.peak(), rate.floor(), rate.warmupSteps(), rate.totalSteps(), factor);
  }

  @Override
  public double valueAt(int iteration, int epoch) {
    return factor * new LearningRate(peak, floor, warmupSteps, totalSteps).at(iteration);
  }

  @Override
  public StepRate clone() {
    return this;
  }
}
