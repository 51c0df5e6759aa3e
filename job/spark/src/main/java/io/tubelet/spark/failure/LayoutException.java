package io.tubelet.spark.failure;

import java.util.List;

/** Spark's settings and the wanted layout of executors cannot go together. */
public final class LayoutException extends RuntimeException {
  /**
   * @param problems why, one line each
   */
  public LayoutException(List<String> problems) {
    super("this cannot run:\n  " + String.join("\n  ", problems));
  }
}
