package io.tubelet.spark.data;

import io.tubelet.clip.Frames;
import io.tubelet.spark.cluster.ProgressLine;
import io.tubelet.spark.cluster.Slots;
import io.tubelet.spark.data.Corpus.SourceVideo;
import io.tubelet.spark.data.CubeStore.Shard;
import io.tubelet.spark.files.Failure.BudgetException;
import io.tubelet.spark.files.Json;
import io.tubelet.video.Decoded;
import io.tubelet.video.Windows;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.LongAccumulator;
import scala.Tuple2;

/**
 * Makes a cube store of a corpus: one task a shard, decoding on the executors. The store's bytes
 * depend on the recipe and the videos alone, not on the cluster.
 *
 * @param failureBudget share of videos in [0, 1] that may give no clip
 */
public record PrepareJob(Path root, ClipDecoder decoder, double failureBudget)
    implements Serializable {

  /**
   * Makes what is missing, or what was made of files that have changed since, then publishes the
   * store.
   *
   * @throws BudgetException if more videos are broken than allowed; the shards stay, so a larger
   *     budget or mended files need no second decoding of the others
   */
  public CubeStore run(SparkSession spark, Corpus corpus) throws IOException {
    List<Shard> shards = decode(new JavaSparkContext(spark.sparkContext()), corpus);
    List<Quarantined> quarantined =
        Stream.concat(
                corpus.refused().stream(),
                shards.stream().flatMap(shard -> shard.quarantined().stream()))
            .toList();
    int asked = corpus.videos().stream().mapToInt(video -> video.clips(1)).sum();
    requireBudget(spark, quarantined, asked + corpus.refused().size());
    return CubeStore.publish(spark, root, decoder.recipe(), shards, quarantined);
  }

  private List<Shard> decode(JavaSparkContext spark, Corpus corpus) {
    Recipe recipe = decoder.recipe();
    List<Tuple2<Integer, List<SourceVideo>>> shards = new ArrayList<>();
    deal(corpus.videos(), recipe.shardClips(), recipe.clips())
        .forEach(videos -> shards.add(new Tuple2<>(shards.size(), videos)));
    spark.setJobDescription("prepare %s: %d shards".formatted(root.getName(), shards.size()));
    ProgressLine line = new ProgressLine(0, corpus.videos().size());
    try (ProgressLine.Job progress = new ProgressLine.Job(spark, "videos", line)) {
      LongAccumulator done = progress.counter();
      return Slots.DECODE.map(
          spark,
          shards,
          shards.size(),
          (hadoop, shard) -> shard(hadoop, done, shard._1(), shard._2()));
    }
  }

  /**
   * The videos of each shard, in the corpus' order: one at least, and no more clips than allowed.
   */
  public static List<List<SourceVideo>> deal(List<SourceVideo> videos, int shardClips, int clips) {
    List<List<SourceVideo>> shards = new ArrayList<>();
    int room = 0;
    for (SourceVideo video : videos) {
      if (shards.isEmpty() || room < video.clips(clips)) {
        shards.add(new ArrayList<>());
        room = shardClips;
      }
      shards.get(shards.size() - 1).add(video);
      room -= video.clips(clips);
    }
    return shards;
  }

  private void requireBudget(SparkSession spark, List<Quarantined> quarantined, int videos) {
    int none = quarantined.size();
    if (none > failureBudget * videos || none == videos) {
      Path table = CubeStore.refuse(spark, root, quarantined);
      Quarantined q = quarantined.get(0);
      throw new BudgetException(
          "%d of %d videos gave no clip, data.failure-budget allows %.0f %%; all in %s, the first: %s: %s (%s)"
              .formatted(
                  none, videos, 100 * failureBudget, table, q.source(), q.reason(), q.detail()));
    }
  }

  /**
   * Makes one shard: decodes its videos one after the other and writes their clips. A shard that is
   * complete is left as it is, so preparing again resumes.
   *
   * @return its manifest, made now or before
   */
  private Shard shard(
      Configuration hadoop, LongAccumulator done, int shard, List<SourceVideo> videos)
      throws IOException {
    Recipe recipe = decoder.recipe();
    String made = recipe.digest(videos);
    Optional<Shard> complete =
        Json.read(hadoop, Shard.path(root, shard), Shard.class)
            .filter(before -> before.recipe().equals(made));
    if (complete.isPresent()) {
      done.add(videos.size());
      return complete.get();
    }
    List<ClipRow> clips = new ArrayList<>();
    List<Quarantined> refused = new ArrayList<>();
    String digest =
        ShardWriter.write(
            hadoop,
            root,
            shard,
            recipe,
            writer -> {
              for (SourceVideo video : videos) {
                Windows windows = recipe.stored(video);
                Decoded decoded = decoder.decode(hadoop, video.id(), video.path(), windows);
                if (decoded instanceof Decoded.Refused no) {
                  refuse(video, no, refused);
                } else if (decoded instanceof Decoded.Clips yes) {
                  add(writer, shard, video, yes, clips, refused);
                }
                done.add(1);
              }
            });
    Shard manifest = new Shard(made, digest, clips, refused);
    Json.write(hadoop, Shard.path(root, shard), manifest);
    return manifest;
  }

  /** The video, or each clip that was wanted of it by name. */
  private static void refuse(SourceVideo video, Decoded.Refused no, List<Quarantined> refused) {
    Stream<String> names =
        video.moments().isEmpty()
            ? Stream.of(video.id())
            : video.moments().stream().map(Corpus.Moment::clip);
    names.forEach(name -> refused.add(new Quarantined(name, no.reason().name(), no.detail())));
  }

  private static void add(
      ShardWriter writer,
      int shard,
      SourceVideo video,
      Decoded.Clips decoded,
      List<ClipRow> rows,
      List<Quarantined> refused)
      throws IOException {
    Decoded.VideoInfo from = decoded.info();
    for (int window = 0; window < decoded.windows().size(); window++) {
      Frames frames = decoded.windows().get(window);
      String id = video.id() + "#" + window;
      if (!video.moments().isEmpty()) {
        Corpus.Moment moment = video.moments().get(window);
        id = moment.clip();
        if (moment.seconds() * from.framesPerSecond() >= from.frames()) {
          String why = "%s: second %.2f is behind its %d frames at %.2f a second";
          refused.add(
              new Quarantined(
                  id,
                  "PAST_END",
                  why.formatted(
                      video.id(), moment.seconds(), from.frames(), from.framesPerSecond())));
          continue;
        }
      }
      ClipRow.Video info =
          new ClipRow.Video(from.frames(), from.framesPerSecond(), frames.width(), frames.height());
      ClipRow.Place place = new ClipRow.Place(shard, rows.size());
      writer.add(id, video.label(), frames);
      rows.add(
          new ClipRow(
              id, video.id(), video.label(), info, place, DigestUtils.sha256Hex(frames.bytes())));
    }
  }
}
