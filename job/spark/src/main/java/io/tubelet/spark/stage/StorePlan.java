package io.tubelet.spark.stage;

import io.tubelet.spark.config.DataConfig;
import io.tubelet.spark.config.DataConfig.Corpus;
import io.tubelet.spark.config.DataConfig.Role;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.corpus.SourceVideo;
import io.tubelet.spark.prepare.PrepareJob;
import io.tubelet.spark.prepare.Probe;
import io.tubelet.spark.store.ShardSize;
import io.tubelet.video.SamplingSpec;
import io.tubelet.video.VideoDecoder;
import io.tubelet.video.VideoSource;
import io.tubelet.video.motion.MotionSet;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.apache.spark.sql.SparkSession;

/**
 * What preparing one corpus comes to, if every video gives its clips.
 *
 * @param corpus name of the corpus
 * @param videos how many
 * @param clips of all videos
 * @param shards files
 * @param bytes of all shards, with raw pixels
 * @param decodeSeconds of one core, for all videos
 */
record StorePlan(
    String corpus, long videos, long clips, long shards, long bytes, double decodeSeconds) {
  /** Shards that are measured; those of a larger corpus are taken to be like them. */
  private static final int MEASURED = 64;

  static StorePlan of(JobConfig config, SparkSession spark, Corpus settings) throws IOException {
    int probed = config.plan().probe();
    if (settings.synthetic()) {
      MotionSet set = PrepareStage.motionSet(config);
      String part = PrepareStage.motionPart(settings.role());
      List<MotionSet.Item> items =
          set.items().stream().filter(item -> item.split().equals(part)).toList();
      List<SourceVideo> videos = items.stream().map(item -> video(item, settings)).toList();
      List<VideoSource> some =
          items.stream()
              .limit(probed)
              .map(item -> VideoSource.of(item.name(), set.file(item)))
              .toList();
      return of(config, settings, videos, some);
    }
    List<SourceVideo> videos = PrepareStage.list(config, spark, settings).videos();
    return of(
        config,
        settings,
        videos,
        Probe.some(videos, probed, spark.sparkContext().hadoopConfiguration()));
  }

  private static SourceVideo video(MotionSet.Item item, Corpus settings) {
    String id = item.name().substring(item.split().length() + 1);
    String label = settings.role() == Role.PRETRAIN ? "" : item.motion().label();
    return new SourceVideo(item.name(), id, label);
  }

  private static StorePlan of(
      JobConfig config, Corpus settings, List<SourceVideo> videos, List<VideoSource> some) {
    DataConfig data = config.data();
    SamplingSpec spec =
        new SamplingSpec(
            config.model().spec().geometry().frames(),
            settings.stride(),
            settings.clips(),
            data.shortSide());
    Probe probe =
        Probe.of(
            new VideoDecoder(spec, PrepareStage.limits(data), PrepareStage.decoding(data)), some);
    List<List<SourceVideo>> shards = PrepareJob.deal(videos, data.shardClips(), settings.clips());
    long bytes =
        shards.stream()
            .limit(MEASURED)
            .mapToLong(shard -> ShardSize.of(named(shard, settings.clips()), probe.bytesPerClip()))
            .sum();
    long times = config.plan().times();
    double measured = Math.min(1.0 * MEASURED / Math.max(1, shards.size()), 1);
    return new StorePlan(
        settings.role().word(),
        times * videos.size(),
        times * videos.size() * settings.clips(),
        times * shards.size(),
        (long) (times * (bytes / measured)),
        times * videos.size() * probe.secondsPerVideo());
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
  String line(int cores) {
    return String.format(
        Locale.ROOT,
        "data.%s: %,d videos, %,d clips, %,d shards of %.1f MB, store %.3f GB raw; decoding %.2f"
            + " core hours, %.2f hours on %,d cores",
        corpus,
        videos,
        clips,
        shards,
        bytes / 1e6 / Math.max(1, shards),
        bytes / 1e9,
        decodeSeconds / 3600,
        decodeSeconds / 3600 / cores,
        cores);
  }
}
