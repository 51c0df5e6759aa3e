package io.tubelet.spark.prepare;

import io.tubelet.spark.corpus.Corpus;
import io.tubelet.spark.corpus.Format;
import io.tubelet.spark.store.CubeStore;
import io.tubelet.spark.store.Recipe;
import io.tubelet.video.Decoded;
import io.tubelet.video.Decoding;
import io.tubelet.video.InThread;
import io.tubelet.video.Windows;
import io.tubelet.video.source.DecodeLimits;
import io.tubelet.video.source.VideoSource;
import java.io.IOException;
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

  static SparkSession session(String master) {
    return SparkSession.builder()
        .master(master)
        .appName("prepare")
        .config("spark.ui.enabled", false)
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.log.level", "ERROR")
        .getOrCreate();
  }

  static CubeStore prepare(SparkSession spark, String videos, String store, Decoding decoding)
      throws IOException {
    Recipe recipe = new Recipe("test", 4, 2, 2, Recipe.Windows.RANDOM, 24, 4, 1, Recipe.Codec.ZSTD);
    return new PrepareJob(new Path(store), recipe, DecodeLimits.DEFAULT, decoding, 0.5)
        .run(spark, Corpus.list(spark, videos, Format.FLAT, ""));
  }
}
