package io.tubelet.spark.data;

import io.tubelet.spark.data.Corpus.Listing.Format;
import io.tubelet.video.Decoded;
import io.tubelet.video.Decoding;
import io.tubelet.video.Decoding.DecodeLimits;
import io.tubelet.video.InThread;
import io.tubelet.video.VideoSource;
import io.tubelet.video.Windows;
import io.tubelet.video.motion.MotionSet;
import io.tubelet.video.motion.SyntheticSet;
import java.io.IOException;
import java.nio.file.Files;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/** A driver that prepares a store slowly, to be killed. */
final class PreparingProcess {
  private PreparingProcess() {}

  /** Takes its time for every video. */
  private record Slow() implements Decoding {
    @Override
    public Decoded decode(VideoSource source, Windows windows, DecodeLimits limits) {
      try {
        Thread.sleep(100);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return new InThread().decode(source, windows, limits);
    }
  }

  /** Arguments: the folder of videos, the store's folder. */
  public static void main(String[] args) throws IOException {
    try (SparkSession spark = session("local[2]")) {
      prepare(spark, args[0], args[1], new Slow());
    }
  }

  /** Videos to prepare, and a file that is none. */
  static void makeVideos(java.nio.file.Path folder, int videos) throws IOException {
    MotionSet set =
        new MotionSet(new MotionSet.Spec(1, 32, 12), new MotionSet.Counts(0, 0, videos));
    for (SyntheticSet.Item item : set.items()) {
      Files.write(folder.resolve(item.index() + ".mp4"), set.file(item));
    }
    Files.writeString(folder.resolve("text.mp4"), "not a video");
  }

  static SparkSession session(String master) {
    return SparkSession.builder()
        .master(master)
        .appName("prepare")
        .config("spark.executor.memory", "512m") // of executors that are processes of their own
        .config("spark.executor.extraClassPath", System.getProperty("java.class.path"))
        .config("spark.ui.enabled", false)
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.log.level", "ERROR")
        .getOrCreate();
  }

  /** The store of a folder's {@code videos}, made by a Spark of its own. */
  static CubeStore prepare(String master, java.nio.file.Path folder, String store)
      throws IOException {
    try (SparkSession spark = session(master)) {
      return prepare(
          spark,
          folder.resolve("videos").toString(),
          folder.resolve(store).toString(),
          new InThread());
    }
  }

  static CubeStore prepare(SparkSession spark, String videos, String store, Decoding decoding)
      throws IOException {
    Recipe recipe =
        new Recipe("test", "", 4, 2, 2, Recipe.Spacing.RANDOM, 24, 4, 1, Recipe.Codec.ZSTD, 1);
    return new PrepareJob(
            new Path(store), new ClipDecoder(recipe, DecodeLimits.DEFAULT, decoding), 0.5)
        .run(spark, Corpus.list(spark, videos, TinyStore.listing(Format.FLAT)));
  }
}
