package io.tubelet.spark.cluster;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.Meter;
import com.codahale.metrics.MetricRegistry;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToLongFunction;

/**
 * All executors as the driver hears of them. Its metrics are in the driver's registry, since an
 * executor has no port that Prometheus could read.
 */
final class Fleet {
  private final Map<String, ExecutorReport> last = new ConcurrentHashMap<>();
  private final Meter clips = new Meter();

  void hear(ExecutorReport report) {
    ExecutorReport before = last.put(report.executor(), report);
    clips.mark(report.clips() - (before == null ? 0 : before.clips()));
  }

  /** It has gone, and its memory with it; what it did stays in {@code clips}. */
  void forget(String executor) {
    last.remove(executor);
  }

  void register(MetricRegistry registry) {
    registry.register("clips", clips);
    registry.register(
        "dataWaitShare",
        (Gauge<Double>)
            () ->
                ExecutorReport.waitShare(
                    sum(ExecutorReport::waitNanos), sum(ExecutorReport::computeNanos)));
    registry.register("offHeapBytes", (Gauge<Long>) () -> sum(ExecutorReport::offHeapBytes));
    registry.register("physicalBytes", (Gauge<Long>) () -> sum(ExecutorReport::physicalBytes));
    registry.register("deviceBytes", (Gauge<Long>) () -> sum(ExecutorReport::deviceBytes));
  }

  private long sum(ToLongFunction<ExecutorReport> of) {
    Collection<ExecutorReport> all = last.values();
    return all.stream().mapToLong(of).sum();
  }
}
