package io.tubelet.spark.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.Meter;
import com.codahale.metrics.MetricRegistry;
import io.tubelet.spark.LocalSpark;
import java.lang.reflect.Proxy;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class ClusterPluginTest {

  /** What Spark gives a plugin. */
  private static PluginContext context(MetricRegistry registry) {
    return (PluginContext)
        Proxy.newProxyInstance(
            ClusterPluginTest.class.getClassLoader(),
            new Class<?>[] {PluginContext.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "metricRegistry" -> registry;
                  case "resources" -> Map.of();
                  default -> throw new UnsupportedOperationException(method.getName());
                });
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
    MetricRegistry registry = new MetricRegistry();
    ExecutorPlugin executor = new ClusterPlugin().executorPlugin();
    executor.init(context(registry), Map.of());
    long before = ((Meter) registry.getMetrics().get("clips")).getCount();
    ClusterPlugin.trained(40, 1, 3);
    assertThat(((Meter) registry.getMetrics().get("clips")).getCount() - before).isEqualTo(40);
    assertThat((Long) gauge(registry, "physicalBytes")).isGreaterThan(1 << 20);
    assertThat((Double) gauge(registry, "dataWaitShare")).isBetween(0.0, 1.0);
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
