package io.tubelet.spark.failure;

import java.util.List;

/** Spark's settings and the cluster settings do not go together. */
public final class LayoutException extends RuntimeException {
  /**
   * @param problems why, one line each
   */
  public LayoutException(List<String> problems) {
    super("invalid cluster settings:\n  " + String.join("\n  ", problems));
  }
}
