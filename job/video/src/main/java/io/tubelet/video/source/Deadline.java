package io.tubelet.video.source;

/**
 * The moment at which a file has had its time.
 *
 * @param nanos of {@link System#nanoTime}
 */
public record Deadline(long nanos) {

  /** So many seconds from now. */
  public static Deadline in(int seconds) {
    return new Deadline(System.nanoTime() + seconds * 1_000_000_000L);
  }

  /** Whether it is over. */
  public boolean passed() {
    return System.nanoTime() - nanos > 0;
  }

  /**
   * Ends the reading of a file that has had its time.
   *
   * @throws RefusedException {@link Reason#TIMED_OUT} if it is over
   */
  public void check() throws RefusedException {
    if (passed()) {
      throw new RefusedException(Reason.TIMED_OUT, "not read within the time limit");
    }
  }
}
