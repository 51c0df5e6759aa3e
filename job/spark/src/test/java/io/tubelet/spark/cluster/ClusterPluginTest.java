package io.tubelet.spark.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.Meter;
import com.codahale.metrics.MetricRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.resource.ResourceInformation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterPluginTest {

  /** What Spark gives a plugin, with what was sent to the driver. */
  private static final class Context implements PluginContext {
    private final MetricRegistry registry = new MetricRegistry();
    private final List<Object> sent = new ArrayList<>();

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
      sent.add(message);
    }

    @Override
    public Object ask(Object message) {
      throw new UnsupportedOperationException();
    }
  }

  private static Object gauge(MetricRegistry registry, String name) {
    return ((Gauge<?>) registry.getMetrics().get(name)).getValue();
  }

  @Test
  void measuresAnExecutorAndTellsTheDriver() {
    Context context = new Context();
    ExecutorPlugin executor = new ClusterPlugin().executorPlugin();
    executor.init(context, Map.of());
    long before = ((Meter) context.registry.getMetrics().get("clips")).getCount();
    Throughput.add(40, 1, 3);
    executor.onTaskSucceeded();
    assertThat(((Meter) context.registry.getMetrics().get("clips")).getCount() - before)
        .isEqualTo(40);
    assertThat((Long) gauge(context.registry, "physicalBytes")).isGreaterThan(1 << 20);
    assertThat((Double) gauge(context.registry, "dataWaitShare")).isBetween(0.0, 1.0);
    assertThat(((ExecutorReport) context.sent.get(0)).executor()).isEqualTo("7");
  }

  @Test
  void addsUpTheFleetOnTheDriver() throws Exception {
    Context context = new Context();
    DriverPlugin driver = new ClusterPlugin().driverPlugin();
    driver.registerMetrics("application", context);
    driver.receive(new ExecutorReport("1", 10, 1, 1, 100, 1000, 0));
    driver.receive(new ExecutorReport("2", 10, 0, 2, 100, 1000, 7));
    driver.receive(new ExecutorReport("1", 30, 2, 4, 50, 2000, 20));
    MetricRegistry registry = context.registry;
    assertThat(((Meter) registry.getMetrics().get("fleet.clips")).getCount()).isEqualTo(40);
    assertThat(gauge(registry, "fleet.dataWaitShare")).isEqualTo(0.25);
    assertThat(gauge(registry, "fleet.offHeapBytes")).isEqualTo(150L);
    assertThat(gauge(registry, "fleet.physicalBytes")).isEqualTo(3000L);
    assertThat(gauge(registry, "fleet.deviceBytes")).isEqualTo(27L);
  }

  @Test
  void asksTheToolForTheMemoryOfItsCardsOnly(@TempDir Path folder) throws IOException {
    Path tool = folder.resolve("nvidia-smi");
    Files.writeString(tool, "#!/bin/sh\n[ \"$3\" = --id=2,5 ] || exit 1\nprintf '100\\n23\\n'\n");
    assertThat(tool.toFile().setExecutable(true)).isTrue();
    assertThat(new DeviceMemory(tool.toString(), List.of("2", "5")).bytes()).isEqualTo(123L << 20);
    assertThat(new DeviceMemory(tool.toString(), List.of("3")).bytes()).isZero();
    assertThat(new DeviceMemory(folder.resolve("none").toString(), List.of("2")).bytes()).isZero();
    assertThat(new DeviceMemory(tool.toString(), List.of()).bytes()).isZero();
  }
}
