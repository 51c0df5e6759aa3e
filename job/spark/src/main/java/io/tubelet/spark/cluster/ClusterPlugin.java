package io.tubelet.spark.cluster;

import java.util.Map;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.api.plugin.SparkPlugin;

/**
 * What {@code spark.plugins} in {@code conf/spark-defaults.conf} names: hides other executors' GPUs
 * and feeds Spark's metrics. A job without it computes the same.
 */
public final class ClusterPlugin implements SparkPlugin {

  @Override
  public DriverPlugin driverPlugin() {
    return null; // executors alone
  }

  @Override
  public ExecutorPlugin executorPlugin() {
    return new ExecutorPlugin() {
      @Override
      public void init(PluginContext context, Map<String, String> unused) {
        TaskDevice.isolate(context.resources(), System.getenv());
        Throughput.register(context.metricRegistry());
      }
    };
  }
}
