package io.tubelet.spark.data;

import io.tubelet.clip.SampleSeed;
import io.tubelet.video.DecodeLimits;
import io.tubelet.video.Decoded;
import io.tubelet.video.Decoding;
import io.tubelet.video.SamplingSpec;
import io.tubelet.video.Windows;
import java.io.Serializable;
import java.util.random.RandomGenerator;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Decodes a recipe's clips on an executor, for a store or for a training that reads videos.
 *
 * @param recipe what is wanted of a video
 * @param limits what one file may cost
 * @param decoding where a file is decoded
 */
public record ClipDecoder(Recipe recipe, DecodeLimits limits, Decoding decoding)
    implements Serializable {

  /** All clips of a video, as a store keeps them. */
  Decoded all(Configuration hadoop, String source, String path) {
    SamplingSpec spec = sampling(recipe.clips());
    Windows windows =
        recipe.windows().even()
            ? Windows.even(spec)
            : Windows.drawn(spec, SampleSeed.of(recipe.seed(), 0, source, "window"));
    return decoding.decode(new HadoopVideo(source, new Path(path), hadoop), windows, limits);
  }

  /** One clip, elsewhere in its video in every epoch: drawn from (seed, epoch, clip id). */
  Decoded one(Configuration hadoop, ClipRow clip, String path, long epoch) {
    HadoopVideo video = new HadoopVideo(clip.source(), new Path(path), hadoop);
    RandomGenerator random = SampleSeed.of(recipe.seed(), epoch, clip.id(), "window");
    return decoding.decode(video, Windows.drawn(sampling(1), random), limits);
  }

  private SamplingSpec sampling(int windows) {
    return new SamplingSpec(
        recipe.frames(), recipe.stride(), windows, recipe.windows().spread(), recipe.shortSide());
  }
}
