package io.tubelet.spark.data;

import io.tubelet.spark.cluster.Slots;
import io.tubelet.video.Decoded;
import io.tubelet.video.Decoded.VideoInfo;
import io.tubelet.video.Decoding;
import io.tubelet.video.Decoding.DecodeLimits;
import io.tubelet.video.VideoSource;
import io.tubelet.video.Windows;
import io.tubelet.video.Windows.SamplingSpec;
import java.io.IOException;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Inspects files as {@link PrepareJob} would and keeps nothing of them: each is decoded, within the
 * same limits, and read for its digest.
 */
public record CheckJob(SamplingSpec spec, DecodeLimits limits, Decoding decoding)
    implements Serializable {
  /** What is known of a file that holds no video. */
  public static final VideoInfo NO_VIDEO = new VideoInfo("", 0, 0, 0, 0, 0, 0);

  private static final int CHUNK = 1 << 17;
  private static final int TASKS_PER_CORE = 8;

  /**
   * What was found of one file.
   *
   * @param bytes its length; 0 if it cannot be read
   * @param digest SHA-256 of its bytes; empty if it has none
   * @param info what its video is; zeros where there is none
   * @param reason why it gives no clip, one word; empty if it does
   */
  public record Checked(
      String path, long bytes, String digest, VideoInfo info, String reason, String detail)
      implements Serializable {

    public boolean readable() {
      return reason.isEmpty();
    }

    /** The same, of which no clip is wanted. */
    public Checked refused(String reason, String detail) {
      return new Checked(path, bytes, digest, info, reason, detail);
    }
  }

  public List<Checked> run(JavaSparkContext spark, List<String> paths) {
    spark.setJobDescription("check %d videos".formatted(paths.size()));
    return Slots.DECODE.map(spark, paths, spark.defaultParallelism() * TASKS_PER_CORE, this::check);
  }

  private Checked check(Configuration hadoop, String path) {
    Path file = new Path(path);
    VideoSource video = new HadoopVideo(file.getName(), file, hadoop, limits.seconds());
    long bytes = 0;
    String digest = "";
    MessageDigest sha = DigestUtils.getSha256Digest();
    try (VideoSource.Content content = video.open()) {
      bytes = read(content, sha);
      digest = bytes == 0 ? "" : HexFormat.of().formatHex(sha.digest());
    } catch (IOException e) {
      bytes = 0; // why is told by the decoder, which meets the same
    }
    Decoded decoded = decoding.decode(video, Windows.even(spec), limits);
    return decoded instanceof Decoded.Refused no
        ? new Checked(path, bytes, digest, NO_VIDEO, no.reason().name(), no.detail())
        : new Checked(path, bytes, digest, ((Decoded.Clips) decoded).info(), "", "");
  }

  /** The bytes of a file, or of a folder's pictures one behind the other. */
  private static long read(VideoSource.Content content, MessageDigest sha) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
    long at = 0;
    for (int count = content.read(at, chunk); count > 0; count = content.read(at, chunk.clear())) {
      sha.update(chunk.array(), 0, count);
      at += count;
    }
    return at;
  }
}
