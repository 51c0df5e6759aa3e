package io.tubelet.spark.cluster;

import java.util.Locale;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.resource.ResourceProfile;
import org.apache.spark.resource.ResourceProfileManager;

/** The two kinds of tasks that need different slots of an executor. */
public enum Slots {
  /** Videos become clips: a core or few, no GPU. */
  DECODE,
  /** An engine computes: one GPU where there are GPUs, and many cores. */
  TRAIN;

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The same data, computed in slots of this kind as the application's {@link ResourcePlan} cuts
   * them; in Spark's default slots if it cuts none.
   */
  public <T> JavaRDD<T> of(JavaRDD<T> data) {
    SparkConf conf = data.context().conf();
    return Slot.read(conf, this)
        .map(slot -> slot.profile(conf))
        .map(profile -> data.withResources(known(data, profile)))
        .orElse(data);
  }

  /** A training of many rounds must not register a profile for each. */
  private static ResourceProfile known(JavaRDD<?> data, ResourceProfile profile) {
    ResourceProfileManager profiles = data.context().resourceProfileManager();
    return profiles.getEquivalentProfile(profile).getOrElse(() -> profile);
  }

  /** Whether tasks of this kind are given a GPU each. */
  public boolean haveGpus(SparkConf conf) {
    return Slot.read(conf, this)
        .map(slot -> slot.gpus() > 0)
        .orElse(conf.getDouble(SparkFacts.TASK_GPUS, 0) > 0);
  }
}
