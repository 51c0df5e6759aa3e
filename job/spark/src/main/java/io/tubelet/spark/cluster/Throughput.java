package io.tubelet.spark.cluster;

import com.codahale.metrics.Meter;
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

  static Meter clips() {
    return CLIPS;
  }

  static ExecutorReport report(String executor, DeviceMemory device) {
    return new ExecutorReport(
        executor,
        CLIPS.getCount(),
        WAIT_NANOS.sum(),
        COMPUTE_NANOS.sum(),
        Pointer.totalBytes(),
        Pointer.physicalBytes(),
        device.bytes());
  }
}
