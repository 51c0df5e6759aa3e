package io.tubelet.spark.prepare;

import io.tubelet.clip.Frames;
import io.tubelet.clip.SampleSeed;
import io.tubelet.spark.corpus.Quarantined;
import io.tubelet.spark.corpus.SourceVideo;
import io.tubelet.spark.store.ClipAccess;
import io.tubelet.spark.store.ClipRow;
import io.tubelet.spark.store.Recipe;
import io.tubelet.video.DecodeLimits;
import io.tubelet.video.Decoded;
import io.tubelet.video.Decoding;
import io.tubelet.video.VideoDecoder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Clips that are decoded while a network trains on them. Unlike a store's they lie elsewhere in
 * their video in every epoch, drawn from (seed, epoch, clip id).
 *
 * @param recipe what is wanted of a video
 * @param limits what one file may cost
 * @param decoding where a file is decoded
 * @param clips the rows that are used, in the order that sample indices mean
 * @param paths where the videos are, by their ids
 */
public record VideoAccess(
    Recipe recipe,
    DecodeLimits limits,
    Decoding decoding,
    Broadcast<SerializableConfiguration> hadoop,
    Broadcast<List<ClipRow>> clips,
    Broadcast<Map<String, String>> paths)
    implements ClipAccess {

  /** A row for each clip that a recipe wants of some videos; no video is opened. */
  public static List<ClipRow> rows(List<SourceVideo> videos, int clips) {
    List<ClipRow> rows = new ArrayList<>();
    for (SourceVideo video : videos) {
      for (int clip = 0; clip < clips; clip++) {
        rows.add(
            new ClipRow(
                video.id() + "#" + clip,
                video.id(),
                video.label(),
                new ClipRow.Video(0, 0, 0, 0),
                new ClipRow.Place(0, 0),
                ""));
      }
    }
    return rows;
  }

  /** Broadcasts the rows that a training uses. */
  public static VideoAccess share(
      JavaSparkContext spark,
      Recipe recipe,
      DecodeLimits limits,
      Decoding decoding,
      List<SourceVideo> videos,
      List<ClipRow> clips) {
    Map<String, String> paths = new HashMap<>();
    videos.forEach(video -> paths.put(video.id(), video.path()));
    return new VideoAccess(
        recipe,
        limits,
        decoding,
        spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration())),
        spark.broadcast(new ArrayList<>(clips)),
        spark.broadcast(paths));
  }

  @Override
  public ClipRow clip(int index) {
    return clips.value().get(index);
  }

  @Override
  public Clips open() {
    Configuration configuration = hadoop.value().value();
    VideoDecoder decoder = new VideoDecoder(ShardTask.sampling(recipe, 1), limits, decoding);
    return new Clips() {
      @Override
      public Optional<Frames> read(ClipRow clip, long epoch, Consumer<Quarantined> refused) {
        Path path = new Path(paths.value().get(clip.source()));
        HadoopVideo video = new HadoopVideo(clip.source(), path, configuration);
        Decoded decoded =
            decoder.decode(video, SampleSeed.of(recipe.seed(), epoch, clip.id(), "window"));
        if (decoded instanceof Decoded.Refused no) {
          refused.accept(new Quarantined(clip.source(), no.reason().name(), no.detail()));
          return Optional.empty();
        }
        return Optional.of(((Decoded.Clips) decoded).windows().get(0));
      }

      @Override
      public void close() {}
    };
  }
}
