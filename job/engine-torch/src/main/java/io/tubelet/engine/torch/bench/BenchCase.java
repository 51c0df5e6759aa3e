package io.tubelet.engine.torch.bench;

import io.tubelet.engine.Placement;
import io.tubelet.masking.Masking;
import io.tubelet.model.ModelSpec;

/**
 * What is measured.
 *
 * @param engine name of the engine
 * @param placement device, precision, threads
 * @param name the network's name for the report, e.g. {@code S pretraining}
 * @param model the network
 * @param masking what pretraining hides
 * @param batch clips of a step
 * @param rounds how often everything is measured, one after the other
 */
public record BenchCase(
    String engine,
    Placement placement,
    String name,
    ModelSpec model,
    Masking masking,
    int batch,
    int rounds) {
  /**
   * @throws IllegalArgumentException if a number is not positive
   */
  public BenchCase {
    if (batch < 1 || rounds < 1) {
      throw new IllegalArgumentException(
          "batch %d and rounds %d must be positive".formatted(batch, rounds));
    }
  }
}
