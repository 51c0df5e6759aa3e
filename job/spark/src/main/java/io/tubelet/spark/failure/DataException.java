package io.tubelet.spark.failure;

/** Data that is missing, empty or wrong. The message names the file, key or clip. Exit code 3. */
public final class DataException extends RuntimeException {
  /** With the message for people. */
  public DataException(String message) {
    super(message);
  }

  /** With the message for people and what led to it. */
  public DataException(String message, Throwable cause) {
    super(message, cause);
  }
}
