package io.tubelet.spark.failure;

/**
 * A store, checkpoint or run folder that cannot be read, or that belongs to other settings. Exit
 * code 6.
 */
public final class StateException extends RuntimeException {
  /** With the message for people. */
  public StateException(String message) {
    super(message);
  }

  /** With the message for people and what led to it. */
  public StateException(String message, Throwable cause) {
    super(message, cause);
  }
}
