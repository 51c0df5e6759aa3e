package io.tubelet.spark.failure;

/**
 * Training gives no finite numbers any more, also at lower rates. The message names the step, the
 * clips and the last good checkpoint. Exit code 7.
 */
public final class DivergedException extends RuntimeException {
  /** With the message for people. */
  public DivergedException(String message) {
    super(message);
  }
}
