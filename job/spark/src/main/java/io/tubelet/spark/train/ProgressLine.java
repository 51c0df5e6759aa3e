package io.tubelet.spark.train;

import io.tubelet.train.RoundMetrics;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/**
 * The progress of a training, for the person who watches: one line that is rewritten on a terminal,
 * a plain line every few seconds elsewhere.
 */
public final class ProgressLine {
  private static final long QUIET_NANOS = Duration.ofSeconds(10).toNanos();

  private final String name;
  private final long epochs;
  private final long rounds;
  private final PrintStream out;
  private final boolean terminal;
  private final long firstRound;
  private final long start = System.nanoTime();
  private long lastPrint = start - QUIET_NANOS;

  /**
   * @param firstRound the round that this process starts with
   */
  @SuppressWarnings("SystemConsoleNull") // on Java 17 it is null where there is no terminal
  public ProgressLine(String name, long epochs, long rounds, long firstRound) {
    this.name = name;
    this.epochs = epochs;
    this.rounds = rounds;
    this.firstRound = firstRound;
    this.out = System.out;
    this.terminal = System.console() != null;
  }

  /** Says what a round did. */
  public void show(RoundMetrics event) {
    boolean last = event.round() + 1 == rounds;
    if (!terminal && !last && System.nanoTime() - lastPrint < QUIET_NANOS) {
      return;
    }
    lastPrint = System.nanoTime();
    String line = line(event, lastPrint - start);
    out.print(terminal ? "\r\033[K" + line + (last ? "\n" : "") : line + "\n");
    out.flush();
  }

  private String line(RoundMetrics event, long elapsedNanos) {
    long done = event.round() + 1 - firstRound;
    long left = (long) ((double) elapsedNanos / done * (rounds - event.round() - 1));
    return String.format(
        Locale.ROOT,
        "%-8s epoch %d/%d  round %d/%d  loss %.4f  lr %.2e  %.1f clips/s  wait %.0f%%  %s left",
        name,
        event.epoch() + 1,
        epochs,
        event.round() + 1,
        rounds,
        event.loss(),
        event.learningRate(),
        event.clipsPerSecond(),
        100 * event.seconds().dataWait() / event.seconds().total(),
        clock(Duration.ofNanos(left)));
  }

  private static String clock(Duration time) {
    return time.toHours() > 0
        ? "%dh%02dm".formatted(time.toHours(), time.toMinutesPart())
        : "%dm%02ds".formatted(time.toMinutes(), time.toSecondsPart());
  }
}
