package io.tubelet.spark.inference;

import io.tubelet.model.Parameters;
import io.tubelet.spark.cluster.Slots;
import io.tubelet.spark.round.EnginePool;
import io.tubelet.spark.round.SharedState;
import io.tubelet.spark.store.ClipRow;
import io.tubelet.spark.store.CubeStore;
import io.tubelet.spark.store.Digest;
import io.tubelet.spark.store.StoreAccess;
import io.tubelet.training.TrainState;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Features of a store's clips by a frozen encoder: middle crop, nothing hidden, after the encoder's
 * final norm ({@link io.tubelet.engine.Engine#encode}).
 *
 * @param order which engine, for a network that is not trained
 * @param store whose clips
 * @param batch clips encoded at once
 * @param mean whether a clip's tokens are pooled into their mean
 */
public record FeatureJob(EnginePool.Order order, CubeStore store, int batch, boolean mean) {

  /**
   * A clip's features.
   *
   * @param clip its id
   * @param label its class; empty if it has none
   * @param values {@code [dim]}
   */
  public record Features(String clip, String label, float[] values) implements Serializable {}

  /** The file of a folder that is written when all parts are there. */
  public static final String MANIFEST = "features.json";

  /** Features of some clips, evenly spaced over the store, in its order. */
  public List<Features> sample(JavaSparkContext spark, Parameters weights, int clips) {
    int size = store.clips().size();
    int taken = Math.min(clips, size);
    List<ClipRow> chosen =
        IntStream.range(0, taken)
            .mapToObj(i -> store.clips().get((int) ((long) i * size / taken)))
            .toList();
    return run(
        spark,
        weights,
        encoder ->
            Slots.TRAIN
                .of(spark.parallelize(chosen, Math.max(1, spark.defaultParallelism())))
                .mapPartitions(rows -> encoder.sample(rows).iterator())
                .collect());
  }

  /**
   * Writes {@code part-SHARD-DIGEST.parquet} for each shard of the store that has none yet, one
   * task a shard, and removes the parts of other weights or stores. The digest is of all that
   * decides a part's bytes, so that a killed job goes on where it was.
   *
   * @return how many parts were written
   */
  public int write(JavaSparkContext spark, Parameters weights, Path folder) throws IOException {
    String digest =
        Digest.of(weights.layout().model() + weights.digest() + store.manifest().digest() + mean)
            .substring(0, 12);
    String part = "part-%05d-" + digest + ".parquet";
    FileSystem files = folder.getFileSystem(spark.hadoopConfiguration());
    List<Integer> missing = new ArrayList<>();
    List<String> wanted = new ArrayList<>();
    for (int shard : store.clips().stream().mapToInt(c -> c.place().shard()).distinct().toArray()) {
      String name = part.formatted(shard);
      wanted.add(name);
      if (!files.exists(new Path(folder, name))) {
        missing.add(shard);
      }
    }
    files.mkdirs(folder);
    for (FileStatus file : files.listStatus(folder)) {
      String name = file.getPath().getName();
      if (name.startsWith("part-") && !wanted.contains(name)) {
        files.delete(file.getPath(), false);
      }
    }
    if (!missing.isEmpty()) {
      files.delete(new Path(folder, MANIFEST), false);
      String target = new Path(folder, part).toString();
      run(spark, weights, encoder -> write(spark, encoder, missing, target));
    }
    return missing.size();
  }

  private static int write(
      JavaSparkContext spark, Encoder encoder, List<Integer> shards, String target) {
    Slots.TRAIN
        .of(spark.parallelize(shards, shards.size()))
        .foreach(shard -> encoder.write(shard, new Path(target.formatted(shard))));
    return shards.size();
  }

  private <T> T run(JavaSparkContext spark, Parameters weights, Function<Encoder, T> work) {
    SharedState shared = SharedState.share(spark, order.training(), TrainState.start(weights));
    StoreAccess access = StoreAccess.share(spark, store, store.clips());
    try {
      return work.apply(new Encoder(order, access, shared, batch, mean));
    } finally {
      shared.destroy();
    }
  }
}
