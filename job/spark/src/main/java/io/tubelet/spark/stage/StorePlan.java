package io.tubelet.spark.stage;

import io.tubelet.geometry.ClipGeometry;
import io.tubelet.spark.config.DataConfig.Corpus;
import io.tubelet.spark.config.DataConfig.Role;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.corpus.SourceVideo;
import io.tubelet.spark.prepare.PrepareJob;
import io.tubelet.spark.store.ShardSize;
import io.tubelet.video.motion.MotionSet;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.apache.spark.sql.SparkSession;

/**
 * What preparing one corpus costs, if every video gives its clips. Nothing is decoded: frames are
 * taken to be 16:9, those of the synthetic set are square.
 *
 * @param corpus name of the corpus
 * @param videos how many
 * @param clips of all videos
 * @param shards files
 * @param bytes of all shards, with raw pixels
 */
record StorePlan(String corpus, long videos, long clips, long shards, long bytes) {
  /** Shards that are measured; those of a larger corpus are taken to be like them. */
  private static final int MEASURED = 64;

  static StorePlan of(JobConfig config, SparkSession spark, Corpus settings) throws IOException {
    List<SourceVideo> videos =
        settings.synthetic()
            ? synthetic(config, settings)
            : PrepareStage.list(config, spark, settings).videos();
    int side = config.data().shortSide();
    long longSide = settings.synthetic() ? side : side * 16L / 9;
    long clip = config.model().spec().geometry().frames() * side * longSide * ClipGeometry.CHANNELS;
    List<List<SourceVideo>> shards =
        PrepareJob.deal(videos, config.data().shardClips(), settings.clips());
    long bytes =
        shards.stream()
            .limit(MEASURED)
            .mapToLong(shard -> ShardSize.of(named(shard, settings.clips()), clip))
            .sum();
    double measured = Math.min(1.0 * MEASURED / Math.max(1, shards.size()), 1);
    long times = config.plan().times();
    return new StorePlan(
        settings.role().word(),
        times * videos.size(),
        times * videos.size() * settings.clips(),
        times * shards.size(),
        (long) (times * (bytes / measured)));
  }

  private static List<SourceVideo> synthetic(JobConfig config, Corpus settings) {
    String part = PrepareStage.motionPart(settings.role());
    return PrepareStage.motionSet(config).items().stream()
        .filter(item -> item.split().equals(part))
        .map(item -> video(item, settings))
        .toList();
  }

  private static SourceVideo video(MotionSet.Item item, Corpus settings) {
    String id = item.name().substring(item.split().length() + 1);
    String label = settings.role() == Role.PRETRAIN ? "" : item.motion().label();
    return new SourceVideo(item.name(), id, label);
  }

  private static List<ShardSize.Named> named(List<SourceVideo> videos, int clips) {
    return videos.stream()
        .flatMap(
            video ->
                IntStream.range(0, clips)
                    .mapToObj(clip -> new ShardSize.Named(video.id() + "#" + clip, video.label())))
        .toList();
  }

  /** A line for people. */
  String line() {
    return String.format(
        Locale.ROOT,
        "data.%s: %,d videos, %,d clips, %,d shards of %.1f MB, store %.3f GB raw",
        corpus,
        videos,
        clips,
        shards,
        bytes / 1e6 / Math.max(1, shards),
        bytes / 1e9);
  }
}
