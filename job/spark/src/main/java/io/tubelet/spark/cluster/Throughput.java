package io.tubelet.spark.cluster;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.Meter;
import com.codahale.metrics.MetricRegistry;
import java.util.concurrent.atomic.LongAdder;
import org.bytedeco.javacpp.Pointer;

/** What the engines of this process have done, for its metrics. */
public final class Throughput {
  private static final Meter CLIPS = new Meter();
  private static final LongAdder WAIT_NANOS = new LongAdder();
  private static final LongAdder COMPUTE_NANOS = new LongAdder();

  private Throughput() {}

  /** Notes a replica's part of a round. */
  public static void add(long clips, double waitSeconds, double computeSeconds) {
    CLIPS.mark(clips);
    WAIT_NANOS.add((long) (waitSeconds * 1e9));
    COMPUTE_NANOS.add((long) (computeSeconds * 1e9));
  }

  /** Share of training time in which no data was there, in [0, 1]. */
  private static double waitShare() {
    double all = (double) WAIT_NANOS.sum() + COMPUTE_NANOS.sum();
    return all == 0 ? 0 : WAIT_NANOS.sum() / all;
  }

  /** Clips that steps were taken on, data wait, native memory and memory of the whole process. */
  static void register(MetricRegistry registry) {
    registry.register("clips", CLIPS);
    registry.register("dataWaitShare", (Gauge<Double>) Throughput::waitShare);
    registry.register("offHeapBytes", (Gauge<Long>) Pointer::totalBytes);
    registry.register("physicalBytes", (Gauge<Long>) Pointer::physicalBytes);
  }
}
