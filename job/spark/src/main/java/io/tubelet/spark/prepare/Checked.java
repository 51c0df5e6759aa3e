package io.tubelet.spark.prepare;

import io.tubelet.video.VideoInfo;
import java.io.Serializable;

/**
 * What a look at one file found.
 *
 * @param path where it is
 * @param bytes its length; 0 if it cannot be read
 * @param digest SHA-256 of its bytes; empty if it has none
 * @param info what its video is; zeros where there is none
 * @param reason why it gives no clip, one word; empty if it does
 * @param detail what was found then
 */
public record Checked(
    String path, long bytes, String digest, VideoInfo info, String reason, String detail)
    implements Serializable {
  /** Of a file that has none. */
  public static final VideoInfo NO_VIDEO = new VideoInfo("", 0, 0, 0, 0, 0, 0);

  /** Whether it gives clips. */
  public boolean readable() {
    return reason.isEmpty();
  }
}
