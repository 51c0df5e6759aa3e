package io.tubelet.spark.data;

import io.tubelet.spark.data.Corpus.SourceVideo;
import io.tubelet.video.Decoded;
import io.tubelet.video.Windows;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
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
    ClipRow.Video unknown = new ClipRow.Video(0, 0, 0, 0);
    ClipRow.Place none = new ClipRow.Place(0, 0);
    List<ClipRow> rows = new ArrayList<>();
    for (SourceVideo video : videos) {
      for (int i = 0; i < clips; i++) {
        rows.add(new ClipRow(video.id() + "#" + i, video.id(), video.label(), unknown, none, ""));
      }
    }
    return rows;
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
    Recipe recipe = decoder.recipe();
    return (clip, epoch, refused) -> {
      String path = paths.value().get(clip.source());
      Windows window = recipe.drawn(recipe.stride(), clip.id(), epoch);
      Decoded decoded = decoder.decode(hadoop.value().value(), clip.source(), path, window);
      if (decoded instanceof Decoded.Refused no) {
        refused.accept(new Quarantined(clip.source(), no.reason().name(), no.detail()));
        return Optional.empty();
      }
      return Optional.of(((Decoded.Clips) decoded).windows().get(0));
    };
  }
}
