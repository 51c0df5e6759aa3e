package io.tubelet.spark.data;

import io.tubelet.spark.data.Corpus.SourceVideo;
import io.tubelet.video.Decoded;
import io.tubelet.video.Windows;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Clips that are decoded while a network trains on them. Unlike a store's they lie elsewhere in
 * their video in every epoch.
 *
 * @param decoder what is wanted of a video
 * @param clips the rows that are used, in the order that sample indices mean
 * @param paths where the videos are, by their ids
 */
public record VideoAccess(
    ClipDecoder decoder,
    Broadcast<SerializableConfiguration> hadoop,
    Broadcast<List<ClipRow>> clips,
    Broadcast<Map<String, String>> paths)
    implements ClipAccess {

  /** A row for each clip that a recipe wants of some videos; no video is opened. */
  public static List<ClipRow> rows(List<SourceVideo> videos, int clips) {
    return videos.stream()
        .flatMap(video -> IntStream.range(0, clips).mapToObj(clip -> row(video, clip)))
        .toList();
  }

  private static ClipRow row(SourceVideo video, int clip) {
    return new ClipRow(
        video.id() + "#" + clip,
        video.id(),
        video.label(),
        new ClipRow.Video(0, 0, 0, 0),
        new ClipRow.Place(0, 0),
        "");
  }

  /** Broadcasts the rows that a training uses. */
  public static VideoAccess share(
      JavaSparkContext spark, ClipDecoder decoder, List<SourceVideo> videos, List<ClipRow> clips) {
    return new VideoAccess(
        decoder,
        spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration())),
        spark.broadcast(new ArrayList<>(clips)),
        spark.broadcast(
            videos.stream().collect(Collectors.toMap(SourceVideo::id, SourceVideo::path))));
  }

  @Override
  public ClipRow clip(int index) {
    return clips.value().get(index);
  }

  @Override
  public Clips open() {
    Configuration configuration = hadoop.value().value();
    Recipe recipe = decoder.recipe();
    return (clip, epoch, refused) -> {
      String path = paths.value().get(clip.source());
      Windows window = recipe.drawn(recipe.stride(), clip.id(), epoch);
      Decoded decoded = decoder.decode(configuration, clip.source(), path, window);
      if (decoded instanceof Decoded.Refused no) {
        refused.accept(new Quarantined(clip.source(), no.reason().name(), no.detail()));
        return Optional.empty();
      }
      return Optional.of(((Decoded.Clips) decoded).windows().get(0));
    };
  }
}
