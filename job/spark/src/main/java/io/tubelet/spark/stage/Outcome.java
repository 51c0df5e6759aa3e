package io.tubelet.spark.stage;

/**
 * How a stage ended.
 *
 * @param status what happened
 * @param message one line for people
 */
public record Outcome(Status status, String message) {
  /** What happened. */
  public enum Status {
    /** The work is done. */
    DONE,
    /** It was done before; nothing was changed. */
    ALREADY_DONE,
    /** Asked to stop, and stopped; the same command resumes. */
    INTERRUPTED
  }

  /** The work is done. */
  public static Outcome done(String message) {
    return new Outcome(Status.DONE, message);
  }

  /** It was done before. */
  public static Outcome alreadyDone(String message) {
    return new Outcome(Status.ALREADY_DONE, message);
  }

  /** Stopped on request. */
  public static Outcome interrupted(String message) {
    return new Outcome(Status.INTERRUPTED, message);
  }

  /** This and then another: done before only if both were. */
  public Outcome and(Outcome next) {
    boolean before = status == Status.ALREADY_DONE && next.status == Status.ALREADY_DONE;
    String both = message + "; " + next.message;
    return next.status == Status.INTERRUPTED
        ? interrupted(both)
        : before ? alreadyDone(both) : done(both);
  }
}
