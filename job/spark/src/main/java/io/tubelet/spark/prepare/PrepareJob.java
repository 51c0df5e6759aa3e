package io.tubelet.spark.prepare;

import io.tubelet.spark.cluster.Slots;
import io.tubelet.spark.corpus.Corpus;
import io.tubelet.spark.corpus.Quarantined;
import io.tubelet.spark.corpus.SourceVideo;
import io.tubelet.spark.failure.BudgetException;
import io.tubelet.spark.store.CubeStore;
import io.tubelet.spark.store.Recipe;
import io.tubelet.spark.store.ShardManifest;
import io.tubelet.video.DecodeLimits;
import io.tubelet.video.Decoding;
import io.tubelet.video.InThread;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
import scala.Tuple2;

/**
 * Makes a cube store of a corpus: one task a shard, decoding on the executors. The store's bytes
 * depend on the recipe and the videos alone, not on the cluster.
 *
 * @param root the store's folder
 * @param recipe what decides its bytes
 * @param limits what one file may cost
 * @param decoding where a file is decoded
 * @param failureBudget share of videos in [0, 1] that may give no clip
 */
public record PrepareJob(
    Path root, Recipe recipe, DecodeLimits limits, Decoding decoding, double failureBudget) {

  /** Decodes in the executors' own threads. */
  public PrepareJob(Path root, Recipe recipe, DecodeLimits limits, double failureBudget) {
    this(root, recipe, limits, new InThread(), failureBudget);
  }

  /**
   * Makes what is missing, then publishes the store.
   *
   * @throws BudgetException if more videos are broken than allowed; the shards stay, so a larger
   *     budget needs no second decoding
   */
  public CubeStore run(SparkSession spark, Corpus corpus) throws IOException {
    List<ShardManifest> shards = decode(new JavaSparkContext(spark.sparkContext()), corpus);
    List<Quarantined> quarantined =
        Stream.concat(
                corpus.refused().stream(),
                shards.stream().flatMap(shard -> shard.quarantined().stream()))
            .toList();
    requireBudget(quarantined, corpus.videos().size() + corpus.refused().size());
    return CubeStore.publish(spark, root, recipe, shards, quarantined);
  }

  private List<ShardManifest> decode(JavaSparkContext spark, Corpus corpus) {
    List<Tuple2<Integer, List<SourceVideo>>> shards = new ArrayList<>();
    deal(corpus.videos(), recipe.shardClips(), recipe.clips())
        .forEach(videos -> shards.add(new Tuple2<>(shards.size(), videos)));
    Broadcast<SerializableConfiguration> hadoop =
        spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration()));
    ShardTask task = new ShardTask(root.toString(), recipe, limits, decoding);
    spark.setJobDescription("prepare %s: %d shards".formatted(root.getName(), shards.size()));
    return Slots.DECODE
        .of(spark.parallelize(shards, shards.size()))
        .map(shard -> task.run(hadoop.value().value(), shard._1(), shard._2()))
        .collect();
  }

  /**
   * The videos of each shard, in the corpus' order.
   *
   * @param shardClips most clips of a shard
   * @param clips of a video
   */
  public static List<List<SourceVideo>> deal(List<SourceVideo> videos, int shardClips, int clips) {
    int perShard = Math.max(1, shardClips / clips);
    List<List<SourceVideo>> shards = new ArrayList<>();
    for (int from = 0; from < videos.size(); from += perShard) {
      int to = Math.min(from + perShard, videos.size());
      shards.add(new ArrayList<>(videos.subList(from, to)));
    }
    return shards;
  }

  private void requireBudget(List<Quarantined> quarantined, int videos) {
    if (quarantined.size() > failureBudget * videos || quarantined.size() == videos) {
      Quarantined first = quarantined.get(0);
      throw new BudgetException(
          "%d of %d videos gave no clip, data.failure-budget allows %.0f %%; the first: %s: %s (%s)"
              .formatted(
                  quarantined.size(),
                  videos,
                  100 * failureBudget,
                  first.source(),
                  first.reason(),
                  first.detail()));
    }
  }
}
