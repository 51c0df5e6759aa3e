package io.tubelet.spark.data;

import io.tubelet.spark.cluster.Slots;
import io.tubelet.spark.files.DurableFile;
import io.tubelet.spark.files.Failure.StateException;
import io.tubelet.spark.files.Json;
import io.tubelet.video.motion.SyntheticSet;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;

/** Makes a synthetic set as real H.264 files on any Hadoop file system, on the executors. */
public record MotionJob(Path folder, SyntheticSet set) implements Serializable {
  private static final int TASKS_PER_CORE = 4;

  /** Written last: the set that the folder holds. */
  private static final String MANIFEST = "motion-set.json";

  /**
   * Makes the set, or leaves it alone if it is there.
   *
   * @throws StateException if the folder holds another set
   */
  public void run(JavaSparkContext spark) throws IOException {
    Configuration hadoop = spark.hadoopConfiguration();
    Path manifest = new Path(folder, MANIFEST);
    Optional<? extends SyntheticSet> before = Json.read(hadoop, manifest, set.getClass());
    if (before.isPresent() && !before.get().equals(set)) {
      throw new StateException(
          "%s holds another motion set (%s, now %s); choose another data.store or delete it"
              .formatted(folder, before.get(), set));
    }
    if (before.isEmpty()) {
      List<SyntheticSet.Item> items = set.items();
      spark.setJobDescription("make %d synthetic videos in %s".formatted(items.size(), folder));
      Slots.DECODE.map(spark, items, spark.defaultParallelism() * TASKS_PER_CORE, this::write);
      Json.write(hadoop, manifest, set);
    }
  }

  private String write(Configuration hadoop, SyntheticSet.Item item) throws IOException {
    byte[] file = set.file(item);
    DurableFile.write(hadoop, new Path(folder, item.name()), out -> out.write(file));
    return item.name();
  }
}
