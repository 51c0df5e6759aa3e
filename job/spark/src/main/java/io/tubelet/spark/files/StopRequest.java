package io.tubelet.spark.files;

/**
 * Whether this process was asked to stop, by SIGTERM or Ctrl-C. There is one for the process, since
 * there is one signal.
 *
 * <p>Work that heeds the request ends by itself at the next good moment; other work is interrupted
 * at once.
 */
public final class StopRequest {
  private static volatile long patienceSeconds;
  private static volatile boolean asked;

  private StopRequest() {}

  /** Asks. It cannot be taken back. */
  public static void ask() {
    asked = true;
  }

  /** Whether the work in this process should come to an end. */
  public static boolean asked() {
    return asked;
  }

  /** How long the work now under way wants to be left alone after a request; 0 if it heeds none. */
  public static long patienceSeconds() {
    return patienceSeconds;
  }

  /**
   * Promises to look at {@link #asked} from now on, or takes the promise back.
   *
   * @param seconds how long the work may take to come to a good end; 0 ends the promise
   */
  public static void heed(long seconds) {
    patienceSeconds = seconds;
  }
}
