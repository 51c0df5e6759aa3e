package io.tubelet.spark.data;

import io.tubelet.clip.Frames;
import io.tubelet.spark.cluster.Slots;
import io.tubelet.spark.files.Digest;
import io.tubelet.spark.files.Failure.BudgetException;
import io.tubelet.video.Decoded;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
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
 * @param decoder of the recipe that decides its bytes
 * @param failureBudget share of videos in [0, 1] that may give no clip
 */
public record PrepareJob(Path root, ClipDecoder decoder, double failureBudget) {

  /**
   * Makes what is missing, or what was made of files that have changed since, then publishes the
   * store.
   *
   * @throws BudgetException if more videos are broken than allowed; the shards stay, so a larger
   *     budget or mended files need no second decoding of the others
   */
  public CubeStore run(SparkSession spark, Corpus corpus) throws IOException {
    List<StoreManifest.Shard> shards = decode(new JavaSparkContext(spark.sparkContext()), corpus);
    List<Quarantined> quarantined =
        Stream.concat(
                corpus.refused().stream(),
                shards.stream().flatMap(shard -> shard.quarantined().stream()))
            .toList();
    Path table = CubeStore.refuse(spark, root, quarantined);
    requireBudget(quarantined, corpus.videos().size() + corpus.refused().size(), table);
    return CubeStore.publish(spark, root, decoder.recipe(), shards, quarantined);
  }

  private List<StoreManifest.Shard> decode(JavaSparkContext spark, Corpus corpus) {
    Recipe recipe = decoder.recipe();
    List<Tuple2<Integer, List<SourceVideo>>> shards = new ArrayList<>();
    deal(corpus.videos(), recipe.shardClips(), recipe.clips())
        .forEach(videos -> shards.add(new Tuple2<>(shards.size(), videos)));
    Broadcast<SerializableConfiguration> hadoop =
        spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration()));
    ShardTask task = new ShardTask(root.toString(), decoder);
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

  private void requireBudget(List<Quarantined> quarantined, int videos, Path table) {
    if (quarantined.size() > failureBudget * videos || quarantined.size() == videos) {
      Quarantined first = quarantined.get(0);
      throw new BudgetException(
          "%d of %d videos gave no clip, data.failure-budget allows %.0f %%; all in %s, the first: %s: %s (%s)"
              .formatted(
                  quarantined.size(),
                  videos,
                  100 * failureBudget,
                  table,
                  first.source(),
                  first.reason(),
                  first.detail()));
    }
  }

  /**
   * Makes one shard: decodes its videos one after the other and writes their clips. A shard that is
   * complete is left as it is, so preparing again resumes.
   */
  private record ShardTask(String store, ClipDecoder decoder) implements Serializable {

    /** The shard's manifest, made now or before. */
    StoreManifest.Shard run(Configuration hadoop, int shard, List<SourceVideo> videos)
        throws IOException {
      Path root = new Path(store);
      String recipe = decoder.recipe().digest(videos);
      var complete =
          StoreManifest.Shard.read(hadoop, root, shard).filter(m -> m.recipe().equals(recipe));
      if (complete.isPresent()) {
        return complete.get();
      }
      List<ClipRow> clips = new ArrayList<>();
      List<Quarantined> refused = new ArrayList<>();
      String digest =
          ShardWriter.write(
              hadoop,
              root,
              shard,
              decoder.recipe().codec(),
              writer -> {
                for (SourceVideo video : videos) {
                  Decoded decoded = decoder.all(hadoop, video.id(), video.path());
                  if (decoded instanceof Decoded.Refused no) {
                    refused.add(new Quarantined(video.id(), no.reason().name(), no.detail()));
                  } else if (decoded instanceof Decoded.Clips yes) {
                    add(writer, shard, video, yes, clips);
                  }
                }
              });
      StoreManifest.Shard manifest = new StoreManifest.Shard(recipe, digest, clips, refused);
      manifest.write(hadoop, root, shard);
      return manifest;
    }

    private static void add(
        ShardWriter writer, int shard, SourceVideo video, Decoded.Clips decoded, List<ClipRow> rows)
        throws IOException {
      for (int window = 0; window < decoded.windows().size(); window++) {
        Frames frames = decoded.windows().get(window);
        String id = video.id() + "#" + window;
        ClipRow.Video info =
            new ClipRow.Video(
                decoded.info().frames(),
                decoded.info().framesPerSecond(),
                frames.width(),
                frames.height());
        ClipRow.Place place = new ClipRow.Place(shard, rows.size());
        writer.add(id, video.label(), frames);
        rows.add(
            new ClipRow(id, video.id(), video.label(), info, place, Digest.of(frames.bytes())));
      }
    }
  }
}
