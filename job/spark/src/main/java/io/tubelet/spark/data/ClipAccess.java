package io.tubelet.spark.data;

import io.tubelet.clip.Frames;
import io.tubelet.spark.data.Corpus.SourceVideo;
import io.tubelet.video.Decoded;
import io.tubelet.video.Windows;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Clips as tasks read them: from a store, or from the videos themselves. Small to ship with every
 * task, since rows and settings are broadcast once.
 */
public interface ClipAccess extends Serializable {

  ClipRow clip(int index);

  /** A reader for one thread of a task. */
  Clips open();

  /** Reads clips. Used by one thread at a time; must be closed. */
  @FunctionalInterface
  interface Clips extends AutoCloseable {

    /**
     * The frames of a clip at the stored size, the same whenever it is asked for in this epoch.
     * They are lent: the next reading may overwrite them.
     *
     * @param refused takes the reason where there are none
     * @throws io.tubelet.spark.files.Failure.StateException if a store is damaged
     */
    Optional<Frames> read(ClipRow clip, long epoch, Consumer<Quarantined> refused);

    @Override
    default void close() {}
  }

  @FunctionalInterface
  interface Source<C extends Clips> extends Serializable {
    C open(Configuration hadoop);
  }

  /**
   * Clips of one source.
   *
   * @param clips the rows that are used, in the order that sample indices mean
   */
  record Shared<C extends Clips>(
      Broadcast<SerializableConfiguration> hadoop, Broadcast<List<ClipRow>> clips, Source<C> source)
      implements ClipAccess {

    Shared(JavaSparkContext spark, List<ClipRow> clips, Source<C> source) {
      this(
          spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration())),
          spark.broadcast(new ArrayList<>(clips)),
          source);
    }

    @Override
    public ClipRow clip(int index) {
      return clips.value().get(index);
    }

    @Override
    public C open() {
      return source.open(hadoop.value().value());
    }
  }

  /** Some clips of a store. */
  static Shared<ClipReader> ofStore(JavaSparkContext spark, CubeStore store, List<ClipRow> clips) {
    Path root = store.root();
    Recipe recipe = store.manifest().recipe();
    return new Shared<>(spark, clips, hadoop -> new ClipReader(hadoop, root, recipe));
  }

  /**
   * Clips that are decoded while a network trains on them. Unlike a store's they lie elsewhere in
   * their video in every epoch.
   */
  static Shared<Clips> ofVideos(
      JavaSparkContext spark, ClipDecoder decoder, List<SourceVideo> videos, List<ClipRow> clips) {
    Broadcast<Map<String, String>> paths =
        spark.broadcast(
            videos.stream().collect(Collectors.toMap(SourceVideo::id, SourceVideo::path)));
    return new Shared<>(
        spark,
        clips,
        hadoop ->
            (clip, epoch, refused) -> {
              Recipe recipe = decoder.recipe();
              Windows window = recipe.drawn(recipe.stride(), clip.id(), epoch);
              String path = paths.value().get(clip.source());
              Decoded decoded = decoder.decode(hadoop, clip.source(), path, window);
              if (decoded instanceof Decoded.Refused no) {
                refused.accept(new Quarantined(clip.source(), no.reason().name(), no.detail()));
                return Optional.empty();
              }
              return Optional.of(((Decoded.Clips) decoded).windows().get(0));
            });
  }

  /** A row for each clip that a recipe wants of some videos; no video is opened. */
  static List<ClipRow> rows(List<SourceVideo> videos, int clips) {
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
}
