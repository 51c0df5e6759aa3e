package io.tubelet.spark.cluster;

import java.io.PrintStream;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.AccumulableInfo;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.util.LongAccumulator;
import scala.collection.JavaConverters;

/**
 * The progress of long work, for the person who watches: one line that is rewritten on a terminal,
 * a plain line every few seconds elsewhere.
 */
public final class ProgressLine {
  private static final long QUIET_NANOS = Duration.ofSeconds(10).toNanos();

  private final long first;
  private final long total;
  private final long quietNanos;
  private final PrintStream out = System.out;
  private final boolean terminal;
  private final long start = System.nanoTime();
  private long lastPrint;

  /**
   * @param first units that were done before this process
   * @param total units of the whole work
   */
  public ProgressLine(long first, long total) {
    this(first, total, QUIET_NANOS);
  }

  @SuppressWarnings("SystemConsoleNull") // on Java 17 it is null where there is no terminal
  ProgressLine(long first, long total, long quietNanos) {
    this.first = first;
    this.total = total;
    this.quietNanos = quietNanos;
    this.terminal = System.console() != null;
    this.lastPrint = start - quietNanos;
  }

  /**
   * Says how far the work is.
   *
   * @param done units, of which more than {@code first}
   * @param what the beginning of the line
   */
  public void show(long done, Supplier<String> what) {
    boolean last = done == total;
    if (!terminal && !last && System.nanoTime() - lastPrint < quietNanos) {
      return;
    }
    lastPrint = System.nanoTime();
    long left = (long) ((double) (lastPrint - start) / (done - first) * (total - done));
    String line = "%s  %s left".formatted(what.get(), clock(Duration.ofNanos(left)));
    out.print(terminal ? "\r\033[K" + line + (last ? "\n" : "") : line + "\n");
    out.flush();
  }

  private static String clock(Duration time) {
    return time.toHours() > 0
        ? "%dh%02dm".formatted(time.toHours(), time.toMinutesPart())
        : "%dm%02ds".formatted(time.toMinutes(), time.toSecondsPart());
  }

  /**
   * The progress of one Spark job, whose tasks count what they have done; executors tell the driver
   * with their heartbeats. Of a job that is soon done nothing is said.
   */
  public static final class Job extends SparkListener implements AutoCloseable {
    private final JavaSparkContext spark;
    private final String name;
    private final String units;
    private final ProgressLine line;
    private final LongAccumulator ended; // as the driver sees it: of tasks that have ended
    private final Map<Long, Long> running = new HashMap<>();
    private long shown;

    /** Watches the next job of this thread, which is called by its description. */
    public Job(JavaSparkContext spark, String units, ProgressLine line) {
      this.spark = spark;
      this.name = spark.getLocalProperty("spark.job.description");
      this.units = units;
      this.line = line;
      this.ended = spark.sc().longAccumulator();
      spark.sc().addSparkListener(this);
    }

    /** What tasks add to. */
    public LongAccumulator counter() {
      return ended;
    }

    @Override
    public synchronized void onExecutorMetricsUpdate(SparkListenerExecutorMetricsUpdate beat) {
      for (var task : JavaConverters.seqAsJavaList(beat.accumUpdates())) {
        for (AccumulableInfo counter : JavaConverters.seqAsJavaList(task._4())) {
          if (counter.id() == ended.id()) {
            running.put((Long) task._1(), (Long) counter.update().get());
          }
        }
      }
      show();
    }

    @Override
    public synchronized void onTaskEnd(SparkListenerTaskEnd task) {
      running.remove(task.taskInfo().taskId());
      show();
    }

    private void show() {
      long done = ended.value() + running.values().stream().mapToLong(one -> one).sum();
      long nanos = System.nanoTime() - line.start;
      if (nanos < line.quietNanos || done <= shown || done > line.total) {
        return;
      }
      shown = done;
      double rate = done * 1e9 / nanos;
      line.show(
          done, () -> "%s  %d/%d %s  %.1f %4$s/s".formatted(name, done, line.total, units, rate));
    }

    @Override
    public synchronized void close() {
      spark.sc().removeSparkListener(this);
      running.clear();
      show();
      if (line.terminal && shown > 0 && shown < line.total) {
        line.out.println();
      }
    }
  }
}
