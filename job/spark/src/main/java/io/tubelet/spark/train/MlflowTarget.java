package io.tubelet.spark.train;

import java.io.Serializable;
import java.util.List;

/**
 * An MLflow server that trainings are written to as well as to the run folder.
 *
 * @param uri of a tracking server, {@code http://host:5000}; empty: nowhere
 * @param experiment its experiment; made if it is missing
 * @param settings those that differ from the defaults, {@code key=value}
 */
public record MlflowTarget(String uri, String experiment, List<String> settings)
    implements Serializable {
  /** Nowhere. */
  public static final MlflowTarget NONE = new MlflowTarget("", "", List.of());

  /** Copies the list. */
  public MlflowTarget {
    settings = List.copyOf(settings);
  }
}
