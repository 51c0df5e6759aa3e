package io.tubelet.spark.config;

import io.tubelet.spark.cluster.ClusterSettings;
import io.tubelet.spark.cluster.Layout;

/** Reads {@link ClusterSettings}. */
final class ClusterConfig {
  private ClusterConfig() {}

  static ClusterSettings read(Section cluster) {
    Section trainer = cluster.section("trainer");
    return new ClusterSettings(
        cluster.choice("layout", Layout.class),
        cluster.integer("decode-cores", "[0, 1024]"),
        cluster.integer("train-cores", "[0, 1024]"),
        new ClusterSettings.Trainer(
            trainer.integer("gpus", "[0, 64]"),
            trainer.integer("cores", "[1, 1024]"),
            trainer.size("memory")));
  }
}
