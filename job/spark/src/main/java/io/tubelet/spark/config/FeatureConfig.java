package io.tubelet.spark.config;

import io.tubelet.spark.config.DataConfig.Role;
import java.io.Serializable;
import java.util.List;

/**
 * Features of the frozen encoder, and what is read from them.
 *
 * @param from name of one of this run's trainings, or the folder of a checkpoint
 * @param corpora whose clips {@code embed} encodes
 * @param pooling what is kept of a clip
 * @param to folder of the features
 * @param neighbours how many neighbours vote in the kNN probe
 * @param linear the linear probe
 */
public record FeatureConfig(
    String from, List<Role> corpora, Pooling pooling, String to, int neighbours, Linear linear)
    implements Serializable {

  /** What is kept of a clip's tokens. */
  public enum Pooling {
    /** Their mean. */
    MEAN,
    /** Each of them. */
    NONE
  }

  /**
   * Logistic regression.
   *
   * @param regularisation factor of half the squared length of the weights
   * @param iterations most steps of L-BFGS
   */
  public record Linear(double regularisation, int iterations) implements Serializable {}

  static FeatureConfig read(Section root) {
    Section embed = root.section("embed");
    Section probe = root.section("probe");
    return new FeatureConfig(
        embed.path("from"),
        embed.choices("corpora", Role.class),
        embed.choice("pooling", Pooling.class),
        embed.path("to"),
        probe.integer("neighbours", "[1, 10000]"),
        new Linear(
            probe.number("regularisation", "[0, 1000]"),
            probe.integer("iterations", "[1, 10000]")));
  }
}
