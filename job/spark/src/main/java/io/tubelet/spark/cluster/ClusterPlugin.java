package io.tubelet.spark.cluster;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.Meter;
import com.codahale.metrics.MetricRegistry;
import io.tubelet.train.RoundMetrics;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.UnaryOperator;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.api.plugin.SparkPlugin;
import org.bytedeco.javacpp.Pointer;

/**
 * What {@code spark.plugins} names: hides other executors' GPUs, feeds Spark's metrics, and carries
 * what tasks say to the driver while they run.
 */
public final class ClusterPlugin implements SparkPlugin {
  public static final String NAME = "io.tubelet.spark.cluster.ClusterPlugin";
  private static final String PLUGINS = "spark.plugins";
  private static final int PATIENCE_SECONDS = 60;

  private static final Map<String, UnaryOperator<byte[]>> LISTENERS = new ConcurrentHashMap<>();
  private static volatile PluginContext executor;

  private static final Meter CLIPS = new Meter();
  private static final LongAdder WAIT_NANOS = new LongAdder();
  private static final LongAdder COMPUTE_NANOS = new LongAdder();

  /** Those of a round that the driver's metrics show. */
  private static final List<String> CURVES =
      List.of("loss", "gradient_norm", "clips_per_second", "seconds/wait", "seconds/compute");

  private static volatile RoundMetrics last;

  public static boolean isIn(SparkConf conf) {
    return conf.get(PLUGINS, "").contains(NAME);
  }

  /** The settings with this plugin, besides those that they name. */
  public static SparkConf in(SparkConf conf) {
    String named = conf.get(PLUGINS, "");
    return isIn(conf) ? conf : conf.set(PLUGINS, named.isEmpty() ? NAME : named + "," + NAME);
  }

  /** On the driver: who answers what tasks say under a name; null: nobody any more. */
  public static void listen(String conversation, UnaryOperator<byte[]> listener) {
    if (listener == null) {
      LISTENERS.remove(conversation);
    } else {
      LISTENERS.put(conversation, listener);
    }
  }

  /**
   * In a task: tells the driver something and waits for its answer. Both are bytes, since Spark
   * reads messages with a class loader that does not know the job's classes.
   *
   * @throws IllegalStateException if nobody listens any more
   */
  public static byte[] ask(String conversation, byte[] message) {
    try {
      if (executor.ask(new Object[] {conversation, message}) instanceof byte[] answer) {
        return answer;
      }
    } catch (Exception e) {
      throw new IllegalStateException("the driver does not answer: " + e.getMessage(), e);
    }
    throw new IllegalStateException("the driver has given up this stage");
  }

  /** Notes what the process' metrics show: a replica's part of a round. */
  public static void trained(long clips, double waitSeconds, double computeSeconds) {
    CLIPS.mark(clips);
    WAIT_NANOS.add((long) (waitSeconds * 1e9));
    COMPUTE_NANOS.add((long) (computeSeconds * 1e9));
  }

  /** Notes a round, on the driver: no executor has a page to be scraped. */
  public static void trained(RoundMetrics round) {
    last = round;
  }

  /** Share of training time in which no data was there, in [0, 1]. */
  private static double waitShare() {
    double all = (double) WAIT_NANOS.sum() + COMPUTE_NANOS.sum();
    return all == 0 ? 0 : WAIT_NANOS.sum() / all;
  }

  /** What a cluster that has started no executor was asked for; empty of any other. */
  static String waiting(SparkContext spark) {
    return spark.isLocal()
            || spark.isStopped()
            || spark.statusTracker().getExecutorInfos().length > 1 // the driver is one
        ? ""
        : "tubelet: no executor yet after %d s; each wants %s cores and %s of heap: is there room for one?%n"
            .formatted(
                PATIENCE_SECONDS,
                spark.conf().get("spark.executor.cores", "all"),
                spark.conf().get("spark.executor.memory", "1g"));
  }

  @Override
  public DriverPlugin driverPlugin() {
    return new DriverPlugin() {
      @Override
      public Map<String, String> init(SparkContext spark, PluginContext context) {
        CompletableFuture.delayedExecutor(PATIENCE_SECONDS, TimeUnit.SECONDS)
            .execute(() -> System.err.print(waiting(spark)));
        return Map.of();
      }

      @Override
      public void registerMetrics(String applicationId, PluginContext context) {
        MetricRegistry metrics = context.metricRegistry();
        metrics.register("step", (Gauge<Long>) () -> last == null ? 0 : last.step());
        for (String curve : CURVES) {
          Gauge<Double> value = () -> last == null ? Double.NaN : last.curves().get(curve);
          metrics.register(curve.replace('/', '_'), value);
        }
      }

      @Override
      public Object receive(Object message) {
        Object[] parts = (Object[]) message;
        UnaryOperator<byte[]> listener = LISTENERS.get((String) parts[0]);
        return listener == null ? "nobody listens" : listener.apply((byte[]) parts[1]);
      }
    };
  }

  @Override
  public ExecutorPlugin executorPlugin() {
    return new ExecutorPlugin() {
      @Override
      public void init(PluginContext context, Map<String, String> unused) {
        executor = context;
        Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT); // as in the driver
        TaskDevice.isolate(context.resources(), System.getenv());
        MetricRegistry metrics = context.metricRegistry();
        metrics.register("clips", CLIPS);
        metrics.register("dataWaitShare", (Gauge<Double>) ClusterPlugin::waitShare);
        metrics.register("offHeapBytes", (Gauge<Long>) Pointer::totalBytes);
        metrics.register("physicalBytes", (Gauge<Long>) Pointer::physicalBytes);
      }
    };
  }
}
