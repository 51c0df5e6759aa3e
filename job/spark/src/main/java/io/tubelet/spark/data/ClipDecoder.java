package io.tubelet.spark.data;

import io.tubelet.video.Decoded;
import io.tubelet.video.Decoding;
import io.tubelet.video.Decoding.DecodeLimits;
import io.tubelet.video.Windows;
import java.io.Serializable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** Decodes a recipe's clips on an executor, for a store or for a training that reads videos. */
public record ClipDecoder(Recipe recipe, DecodeLimits limits, Decoding decoding)
    implements Serializable {

  public Decoded decode(Configuration hadoop, String source, String path, Windows windows) {
    HadoopVideo video = new HadoopVideo(source, new Path(path), hadoop, limits.seconds());
    return decoding.decode(video, windows, limits);
  }
}
