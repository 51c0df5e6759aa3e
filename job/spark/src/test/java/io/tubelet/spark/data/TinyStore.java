package io.tubelet.spark.data;

import io.tubelet.clip.Frames;
import io.tubelet.clip.SampleSeed;
import io.tubelet.spark.LocalSpark;
import io.tubelet.spark.data.Corpus.Listing;
import io.tubelet.spark.files.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** A store of small made-up clips: smooth noise that a network can partly predict. */
public final class TinyStore {
  private static final int PER_SHARD = 5;

  private TinyStore() {}

  /**
   * Makes a store.
   *
   * @param clips how many; labels a and b take turns
   */
  public static CubeStore make(java.nio.file.Path folder, int clips, int frames, int size) {
    return make(folder, clips, frames, size, Recipe.Codec.RAW);
  }

  /** Of a source whose table, if it is one, has the usual columns and relative paths. */
  public static Listing listing(Listing.Format format) {
    return new Listing(format, new Listing.Columns("path", "label", ""), "");
  }

  /** Makes a store with pixels of another form. */
  static CubeStore make(
      java.nio.file.Path folder, int clips, int frames, int size, Recipe.Codec codec) {
    Path root = new Path(folder.toUri());
    Recipe recipe =
        new Recipe("test", "", frames, 1, 1, Recipe.Spacing.RANDOM, size, PER_SHARD, 0, codec, 1);
    List<CubeStore.Shard> shards = new ArrayList<>();
    for (int from = 0; from < clips; from += PER_SHARD) {
      shards.add(shard(root, from, Math.min(clips, from + PER_SHARD), recipe));
    }
    List<Quarantined> refused = List.of(new Quarantined("broken.mp4", "EMPTY_FILE", "0 bytes"));
    try {
      return CubeStore.publish(LocalSpark.session(), root, recipe, shards, refused);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static CubeStore.Shard shard(Path root, int from, int to, Recipe recipe) {
    Configuration hadoop = new Configuration();
    int shard = from / PER_SHARD;
    List<ClipRow> rows = new ArrayList<>();
    try {
      String digest =
          ShardWriter.write(
              hadoop,
              root,
              shard,
              recipe,
              writer -> {
                for (int i = from; i < to; i++) {
                  Frames frames = frames(i, recipe.frames(), recipe.shortSide());
                  String label = i % 2 == 0 ? "a" : "b";
                  writer.add("clip" + i + "#0", label, frames);
                  rows.add(row(i, label, frames, new ClipRow.Place(shard, i - from)));
                }
              });
      CubeStore.Shard manifest = new CubeStore.Shard("test", digest, rows, List.of());
      Json.write(hadoop, CubeStore.Shard.path(root, shard), manifest);
      return manifest;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ClipRow row(int i, String label, Frames frames, ClipRow.Place place) {
    ClipRow.Video video = new ClipRow.Video(frames.time(), 25, frames.width(), frames.height());
    return new ClipRow(
        "clip" + i + "#0", "clip" + i, label, video, place, DigestUtils.sha256Hex(frames.bytes()));
  }

  /** A ramp whose slope and colour depend on the clip, brighter for label a. */
  static Frames frames(int clip, int time, int size) {
    byte[] bytes = new byte[time * size * size * 3];
    int slope = SampleSeed.of(1, clip, "slope").nextInt(1, 8);
    int base = clip % 2 == 0 ? 130 : 20;
    for (int i = 0; i < bytes.length; i++) {
      int pixel = i / 3;
      bytes[i] = (byte) (base + slope * (pixel % size) + pixel / size % size + 5 * (i % 3));
    }
    return new Frames(time, size, size, bytes);
  }
}
