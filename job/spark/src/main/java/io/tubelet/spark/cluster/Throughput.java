package io.tubelet.spark.cluster;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.Meter;
import com.codahale.metrics.MetricRegistry;
import io.tubelet.train.RoundMetrics;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.bytedeco.javacpp.Pointer;

/** What the engines of this process have done, and its last round of training, for its metrics. */
public final class Throughput {
  private static final Meter CLIPS = new Meter();
  private static final LongAdder WAIT_NANOS = new LongAdder();
  private static final LongAdder COMPUTE_NANOS = new LongAdder();

  private static final List<String> CURVES =
      List.of("loss", "gradient_norm", "clips_per_second", "seconds/wait", "seconds/compute");

  private static volatile RoundMetrics last;

  private Throughput() {}

  /** Notes a round, on the driver. */
  public static void add(RoundMetrics round) {
    last = round;
  }

  /** The step and curves of the last round, as no executor has a page to be scraped. */
  static void registerRounds(MetricRegistry registry) {
    registry.register("step", (Gauge<Long>) () -> last == null ? 0 : last.step());
    for (String curve : CURVES) {
      Gauge<Double> value = () -> last == null ? Double.NaN : last.curves().get(curve);
      registry.register(curve.replace('/', '_'), value);
    }
  }

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
