package io.tubelet.spark.files;

import java.util.List;

/**
 * A failure whose reason is not the program: its message names the thing and is meant for people.
 * The command line has an exit code for each kind.
 */
public abstract sealed class Failure extends RuntimeException {
  private Failure(String message, Throwable cause) {
    super(message, cause);
  }

  /** Spark's settings and the cluster settings do not go together. */
  public static final class LayoutException extends Failure {
    public LayoutException(List<String> problems) {
      super("invalid cluster settings:\n  " + String.join("\n  ", problems), null);
    }
  }

  /** Data that is missing, empty or wrong. The message names the file, key or clip. */
  public static final class DataException extends Failure {
    public DataException(String message) {
      super(message, null);
    }

    public DataException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** More videos are broken than the configuration allows. */
  public static final class BudgetException extends Failure {
    public BudgetException(String message) {
      super(message, null);
    }
  }

  /** A store, checkpoint or run folder that cannot be read, or that belongs to other settings. */
  public static final class StateException extends Failure {
    public StateException(String message) {
      super(message, null);
    }

    public StateException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * Training gives no finite numbers any more, also at lower rates. The message names the step, the
   * clips and the last good checkpoint.
   */
  public static final class DivergedException extends Failure {
    public DivergedException(String message) {
      super(message, null);
    }
  }

  /** A model that is less accurate than is wanted. The message names both accuracies. */
  public static final class AccuracyException extends Failure {
    public AccuracyException(String message) {
      super(message, null);
    }
  }

  /** Another process writes the run. The message names it. */
  public static final class BusyException extends Failure {
    public BusyException(String message) {
      super(message, null);
    }
  }
}
