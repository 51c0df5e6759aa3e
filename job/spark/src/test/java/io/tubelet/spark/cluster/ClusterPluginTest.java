package io.tubelet.spark.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.Meter;
import com.codahale.metrics.MetricRegistry;
import io.tubelet.spark.LocalSpark;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.resource.ResourceInformation;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class ClusterPluginTest {

  /** What Spark gives a plugin. */
  private static final class Context implements PluginContext {
    private final MetricRegistry registry = new MetricRegistry();

    @Override
    public MetricRegistry metricRegistry() {
      return registry;
    }

    @Override
    public SparkConf conf() {
      return new SparkConf(false);
    }

    @Override
    public String executorID() {
      return "7";
    }

    @Override
    public String hostname() {
      return "localhost";
    }

    @Override
    public Map<String, ResourceInformation> resources() {
      return Map.of();
    }

    @Override
    public void send(Object message) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Object ask(Object message) {
      throw new UnsupportedOperationException();
    }
  }

  private static Object gauge(MetricRegistry registry, String name) {
    return ((Gauge<?>) registry.getMetrics().get(name)).getValue();
  }

  /** The next session tells the plugin of itself; until then it takes this test's for Spark's. */
  @AfterAll
  static void forgetTheContext() {
    LocalSpark.session().stop();
  }

  @Test
  void measuresAnExecutor() {
    Context context = new Context();
    ExecutorPlugin executor = new ClusterPlugin().executorPlugin();
    executor.init(context, Map.of());
    long before = ((Meter) context.registry.getMetrics().get("clips")).getCount();
    ClusterPlugin.trained(40, 1, 3);
    assertThat(((Meter) context.registry.getMetrics().get("clips")).getCount() - before)
        .isEqualTo(40);
    assertThat((Long) gauge(context.registry, "physicalBytes")).isGreaterThan(1 << 20);
    assertThat((Double) gauge(context.registry, "dataWaitShare")).isBetween(0.0, 1.0);
  }

  @Test
  void saysWhatAClusterWasAskedForThatStartsNoExecutor() {
    LocalSpark.session().stop();
    try (JavaSparkContext spark =
        LocalSpark.context(
            "local-cluster[1,1,512]", "spark.executor.cores=4", "spark.executor.memory=512m")) {
      assertThat(ClusterPlugin.waiting(spark.sc())).contains("each wants 4 cores and 512m of heap");
    }
    assertThat(ClusterPlugin.waiting(LocalSpark.session().sparkContext())).isEmpty();
  }
}
