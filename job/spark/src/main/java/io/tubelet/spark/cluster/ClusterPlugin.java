package io.tubelet.spark.cluster;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkContext;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.api.plugin.SparkPlugin;
import org.apache.spark.resource.ResourceInformation;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What {@code spark.plugins} in {@code conf/spark-defaults.conf} names: hides other executors' GPUs
 * and feeds Spark's metrics. A job without it computes the same.
 */
public final class ClusterPlugin implements SparkPlugin {

  @Override
  public DriverPlugin driverPlugin() {
    return new Driver();
  }

  @Override
  public ExecutorPlugin executorPlugin() {
    return new Executor();
  }

  private static final class Driver implements DriverPlugin {
    private final Fleet fleet = new Fleet();

    @Override
    public Map<String, String> init(SparkContext spark, PluginContext context) {
      spark.addSparkListener(
          new SparkListener() {
            @Override
            public void onExecutorRemoved(SparkListenerExecutorRemoved removed) {
              fleet.forget(removed.executorId());
            }
          });
      return Map.of();
    }

    @Override
    public void registerMetrics(String application, PluginContext context) {
      MetricRegistry driver = new MetricRegistry();
      fleet.register(driver);
      context.metricRegistry().register("fleet", driver);
    }

    @Override
    public Object receive(Object message) {
      fleet.hear((ExecutorReport) message);
      return null;
    }
  }

  private static final class Executor implements ExecutorPlugin {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterPlugin.class);
    private PluginContext context;
    private DeviceMemory device;

    @Override
    public void init(PluginContext context, Map<String, String> unused) {
      this.context = context;
      ResourceInformation gpus = context.resources().get("gpu");
      device = new DeviceMemory("nvidia-smi", gpus == null ? List.of() : List.of(gpus.addresses()));
      VisibleGpus.isolate(context.resources(), System.getenv());
      MetricRegistry registry = context.metricRegistry();
      registry.register("clips", Throughput.clips());
      registry.register("dataWaitShare", (Gauge<Double>) () -> waitShare(report()));
      registry.register("offHeapBytes", (Gauge<Long>) () -> report().offHeapBytes());
      registry.register("physicalBytes", (Gauge<Long>) () -> report().physicalBytes());
      registry.register("deviceBytes", (Gauge<Long>) device::bytes);
    }

    private static double waitShare(ExecutorReport report) {
      return ExecutorReport.waitShare(report.waitNanos(), report.computeNanos());
    }

    private ExecutorReport report() {
      return Throughput.report(context.executorID(), device);
    }

    @Override
    public void onTaskSucceeded() {
      try {
        context.send(report());
      } catch (IOException e) {
        LOG.warn("cannot report to the driver: {}", e.toString());
      }
    }
  }
}
