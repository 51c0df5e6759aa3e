package io.tubelet.spark.prepare;

import io.tubelet.clip.Frames;
import io.tubelet.spark.corpus.SourceVideo;
import io.tubelet.video.Decoded;
import io.tubelet.video.VideoDecoder;
import io.tubelet.video.VideoSource;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * What some videos of a corpus cost to decode, one after the other in this process.
 *
 * @param videos that were decoded; 0: none was, the other numbers mean nothing
 * @param secondsPerVideo mean wall time
 * @param bytesPerClip mean pixels of a clip at the stored size
 */
public record Probe(int videos, double secondsPerVideo, long bytesPerClip) {

  /** So many of some videos, evenly spaced. */
  public static List<VideoSource> some(List<SourceVideo> videos, int most, Configuration hadoop) {
    int taken = Math.min(most, videos.size());
    return IntStream.range(0, taken)
        .mapToObj(i -> videos.get((int) ((long) i * videos.size() / taken)))
        .<VideoSource>map(video -> new HadoopVideo(video.id(), new Path(video.path()), hadoop))
        .toList();
  }

  /** Decodes each; the first one twice, since what comes first also starts the decoder. */
  public static Probe of(VideoDecoder decoder, List<VideoSource> videos) {
    int decoded = 0;
    long bytes = 0;
    long nanos = 0;
    if (!videos.isEmpty()) {
      decoder.decodeEvenly(videos.get(0));
    }
    for (VideoSource video : videos) {
      long start = System.nanoTime();
      if (decoder.decodeEvenly(video) instanceof Decoded.Clips clips) {
        nanos += System.nanoTime() - start;
        Frames frames = clips.windows().get(0);
        bytes += frames.bytes().length;
        decoded++;
      }
    }
    int of = Math.max(1, decoded);
    return new Probe(decoded, nanos / 1e9 / of, bytes / of);
  }
}
