package io.tubelet.spark.failure;

/** More videos are broken than the configuration allows. Exit code 4. */
public final class BudgetException extends RuntimeException {
  /** With the message for people. */
  public BudgetException(String message) {
    super(message);
  }
}
