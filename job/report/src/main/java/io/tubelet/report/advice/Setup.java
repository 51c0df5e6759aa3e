package io.tubelet.report.advice;

import java.util.List;

/**
 * What a run was told to do, as far as its curves cannot show it.
 *
 * @param hiddenShare share in (0, 1) of the tokens that is hidden from the encoder
 * @param mean of each channel, as the weights' {@code preprocessor_config.json} has it; empty if
 *     there is none
 * @param deviation of each channel, likewise
 */
public record Setup(double hiddenShare, List<Double> mean, List<Double> deviation) {

  /** Copies the lists. */
  public Setup {
    mean = List.copyOf(mean);
    deviation = List.copyOf(deviation);
  }
}
