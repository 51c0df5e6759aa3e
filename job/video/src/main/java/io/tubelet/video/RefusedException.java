package io.tubelet.video;

/** A source that gives no clip. Ends at the decoder's border, where it becomes a value. */
@SuppressWarnings("serial")
public final class RefusedException extends Exception {
  private final Reason reason;

  /**
   * @param detail what was found, for people; without the file's name
   */
  public RefusedException(Reason reason, String detail) {
    super(detail);
    this.reason = reason;
  }

  /** For counting. */
  public Reason reason() {
    return reason;
  }
}
