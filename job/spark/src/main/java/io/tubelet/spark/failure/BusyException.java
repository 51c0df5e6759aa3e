package io.tubelet.spark.failure;

/** Another process writes the run. The message names it. Exit code 8. */
public final class BusyException extends RuntimeException {
  /** With the message for people. */
  public BusyException(String message) {
    super(message);
  }
}
