package io.tubelet.spark.data;

import io.tubelet.video.DecodeLimits;
import io.tubelet.video.Decoded;
import io.tubelet.video.Decoding;
import java.io.Serializable;
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
    HadoopVideo video = new HadoopVideo(source, new Path(path), hadoop);
    return decoding.decode(video, recipe.stored(source), limits);
  }

  /** One clip, elsewhere in its video in every epoch. */
  Decoded one(Configuration hadoop, ClipRow clip, String path, long epoch) {
    HadoopVideo video = new HadoopVideo(clip.source(), new Path(path), hadoop);
    return decoding.decode(video, recipe.drawn(recipe.stride(), clip.id(), epoch), limits);
  }
}
