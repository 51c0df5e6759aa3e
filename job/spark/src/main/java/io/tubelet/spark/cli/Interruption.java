package io.tubelet.spark.cli;

import io.tubelet.spark.files.StopRequest;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.stream.Stream;
import org.apache.hadoop.util.ShutdownHookManager;

/**
 * Makes SIGTERM and Ctrl-C a {@link StopRequest}: work that heeds it gets the time it wants, other
 * work is interrupted while Spark is still up and gets some time to leave, and the process ends
 * with {@link ExitCode#RESUME} (or 0, if the work was done by then) instead of the signal's number.
 * A driver that its cluster decommissions is told so by the same signal.
 *
 * <p>Spark stops its context in a hook of Hadoop's manager too, so the order is certain: ask first,
 * then Spark's hook, then leave.
 */
final class Interruption {
  private static final int BEFORE_SPARK = 100;
  private static final int LAST = 0;
  private static final int GRACE_SECONDS = 25;

  private final Thread worker = Thread.currentThread();
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile boolean asked;
  private volatile int code = ExitCode.RESUME.code();

  private Interruption() {}

  /** Does the work in this thread and gives its exit code. */
  static int guard(IntSupplier work) {
    Interruption interruption = new Interruption();
    ShutdownHookManager hooks = ShutdownHookManager.get();
    hooks.addShutdownHook(interruption::ask, BEFORE_SPARK, 1, TimeUnit.DAYS); // ends by itself
    hooks.addShutdownHook(interruption::leave, LAST);
    try {
      return interruption.end(work.getAsInt());
    } finally {
      interruption.ended.countDown();
    }
  }

  private int end(int result) {
    if (result == ExitCode.OK.code() || !asked) {
      code = result;
    }
    return result;
  }

  private void ask() {
    if (ended.getCount() == 0) {
      return;
    }
    asked = true;
    if (isExit()) {
      code = ExitCode.USAGE.code();
      System.err.println(
          "tubelet: Spark ended this process for want of something, such as memory"
              + " (TUBELET_DRIVER_MEMORY); its last words above say what");
      return;
    }
    StopRequest.ask();
    try {
      if (ended.await(StopRequest.patienceSeconds(), TimeUnit.SECONDS)) {
        return;
      }
      worker.interrupt();
      boolean inTime = ended.await(GRACE_SECONDS, TimeUnit.SECONDS);
      if (!inTime) {
        System.err.println("tubelet: still busy after " + GRACE_SECONDS + " s; leaving");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether somebody in this process ends it, rather than a signal. */
  private static boolean isExit() {
    return Thread.getAllStackTraces().values().stream()
        .flatMap(Stream::of)
        .anyMatch(
            call ->
                call.getClassName().equals("java.lang.Runtime")
                    && call.getMethodName().equals("exit"));
  }

  /** A process that is going down on a signal takes another code only this way. */
  private void leave() {
    if (asked) {
      Runtime.getRuntime().halt(code);
    }
  }
}
