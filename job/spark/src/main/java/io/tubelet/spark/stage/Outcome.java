package io.tubelet.spark.stage;

/** How a stage ended, and one line for people. */
public record Outcome(Status status, String message) {
  /** {@code ALREADY_DONE} changed nothing; after {@code INTERRUPTED} the same command resumes. */
  public enum Status {
    DONE,
    ALREADY_DONE,
    INTERRUPTED
  }

  public static Outcome done(String message) {
    return new Outcome(Status.DONE, message);
  }

  public static Outcome alreadyDone(String message) {
    return new Outcome(Status.ALREADY_DONE, message);
  }

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
