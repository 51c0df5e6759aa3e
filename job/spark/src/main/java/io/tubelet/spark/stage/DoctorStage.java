package io.tubelet.spark.stage;

import io.tubelet.engine.Availability;
import io.tubelet.engine.Device;
import io.tubelet.engine.EngineProvider;
import io.tubelet.engine.Engines;
import io.tubelet.spark.config.JobConfig;
import java.util.List;
import org.apache.spark.sql.SparkSession;

/** {@code doctor}: says what this machine can compute with, and why not with the rest. */
final class DoctorStage implements Stage {

  @Override
  public Outcome run(JobConfig config, SparkSession spark) {
    System.out.printf(
        "java %s, spark %s at %s, %d processors%n",
        System.getProperty("java.version"),
        spark.version(),
        spark.sparkContext().master(),
        Runtime.getRuntime().availableProcessors());
    for (EngineProvider provider : Engines.all()) {
      for (Device device : List.of(Device.CPU, Device.cuda(0))) {
        Availability availability = provider.on(device);
        System.out.printf(
            "engine %-5s on %-7s %s: %s%n",
            provider.name(),
            device,
            availability.usable() ? "usable" : "not usable",
            availability.reason());
      }
      System.out.printf("engine %-5s %s%n", provider.name(), provider.describe());
    }
    return Outcome.done("looked at %d engines".formatted(Engines.all().size()));
  }
}
