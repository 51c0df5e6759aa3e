package io.tubelet.spark.cluster;

import io.tubelet.spark.files.Failure.LayoutException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function2;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.resource.ResourceProfile;
import org.apache.spark.resource.ResourceProfileBuilder;
import org.apache.spark.resource.TaskResourceRequests;
import org.apache.spark.util.SerializableConfiguration;

/**
 * The two kinds of tasks that need different slots of an executor. What a slot has travels in
 * Spark's own settings, as {@code spark.tubelet.slot.KIND.cores} and {@code .gpus}, so that every
 * job of the application finds it.
 */
public enum Slots {
  /** Videos become clips: a core or few, no GPU. */
  DECODE,
  /** An engine computes: one GPU where there are GPUs, and many cores. */
  TRAIN;

  /** How long executors may take to register one after the other. */
  private static final long SETTLE_MILLIS = 3000;

  private static final long POLL_MILLIS = 50;

  private String key(String what) {
    return "spark.tubelet.slot." + name().toLowerCase(Locale.ROOT) + "." + what;
  }

  /** Spark's settings that say what a task of this kind has. */
  Map<String, String> settings(int cores, int gpus) {
    return Map.of(key("cores"), Integer.toString(cores), key("gpus"), Integer.toString(gpus));
  }

  /**
   * The same data, computed in slots of this kind as the application's {@link ResourcePlan} cuts
   * them; in Spark's default slots if it cuts none.
   */
  public <T> JavaRDD<T> of(JavaRDD<T> data) {
    return data.context().conf().contains(key("cores"))
        ? data.withResources(profile(data.context()))
        : data;
  }

  private ResourceProfile profile(SparkContext spark) {
    SparkConf conf = spark.conf();
    if (!conf.contains(key("cores"))) {
      return spark.resourceProfileManager().defaultResourceProfile();
    }
    TaskResourceRequests task = new TaskResourceRequests().cpus(conf.getInt(key("cores"), 1));
    if (conf.getInt(key("gpus"), 0) > 0) {
      task.resource("gpu", conf.getInt(key("gpus"), 0));
    }
    ResourceProfile profile = new ResourceProfileBuilder().require(task).build();
    // A training of many stages must not register a profile for each
    return spark
        .resourceProfileManager()
        .getEquivalentProfile(profile)
        .getOrElse(
            () -> {
              spark.resourceProfileManager().addResourceProfile(profile);
              return profile;
            });
  }

  /** Tasks of this kind that can run at once now, at most {@code most}. */
  public int now(JavaSparkContext spark, int most) {
    return Math.min(most, spark.sc().maxNumConcurrentTasks(profile(spark.sc())));
  }

  /**
   * As {@link #now}, but at least one: waits for executors that are on their way.
   *
   * @throws LayoutException if none comes in the time that Spark waits for executors
   */
  public int atOnce(JavaSparkContext spark, int most) {
    SparkConf conf = spark.getConf();
    long longest = conf.getTimeAsMs("spark.scheduler.maxRegisteredResourcesWaitingTime", "30s");
    int expected = conf.getInt("spark.executor.instances", Integer.MAX_VALUE);
    long start = System.nanoTime();
    while (true) {
      int now = now(spark, most);
      long waited = (System.nanoTime() - start) / 1_000_000;
      boolean all = spark.sc().isLocal() || spark.sc().getExecutorMemoryStatus().size() > expected;
      if (now == most || (now > 0 && (all || waited > Math.min(longest, SETTLE_MILLIS)))) {
        return now;
      }
      if (waited > longest) {
        throw new LayoutException(List.of("no executor has room for a task that trains"));
      }
      try {
        TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while waiting for executors", e);
      }
    }
  }

  /** Works on each item in such a slot; the results in the order of the items. */
  public <T, R> List<R> map(
      JavaSparkContext spark, List<T> items, int tasks, Function2<Configuration, T, R> work) {
    Broadcast<SerializableConfiguration> hadoop =
        spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration()));
    return of(spark.parallelize(items, Math.max(1, Math.min(items.size(), tasks))))
        .map(item -> work.call(hadoop.value().value(), item))
        .collect();
  }

  /** Whether tasks of this kind are given a GPU each. */
  public boolean haveGpus(SparkConf conf) {
    return conf.contains(key("cores"))
        ? conf.getInt(key("gpus"), 0) > 0
        : conf.getDouble(ResourcePlan.TASK_GPUS, 0) > 0;
  }
}
