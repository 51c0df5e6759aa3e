package io.tubelet.spark.data;

import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;

/**
 * A store as executors see it: small to ship with every task, since rows and settings are broadcast
 * once.
 *
 * @param root the store's folder
 * @param recipe how windows lie in its clips
 * @param hadoop how to reach it
 * @param clips the rows that are used, in the order that sample indices mean
 */
public record StoreAccess(
    String root,
    Recipe recipe,
    Broadcast<SerializableConfiguration> hadoop,
    Broadcast<List<ClipRow>> clips)
    implements ClipAccess {

  /** Broadcasts the rows of a store that a stage uses. */
  public static StoreAccess share(JavaSparkContext spark, CubeStore store, List<ClipRow> clips) {
    return new StoreAccess(
        store.root().toString(),
        store.manifest().recipe(),
        spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration())),
        spark.broadcast(clips));
  }

  @Override
  public ClipRow clip(int index) {
    return clips.value().get(index);
  }

  @Override
  public ClipReader open() {
    return new ClipReader(hadoop.value().value(), new Path(root), recipe);
  }
}
