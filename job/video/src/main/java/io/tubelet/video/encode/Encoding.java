package io.tubelet.video.encode;

/**
 * How frames are put into a file.
 *
 * @param container FFmpeg's name of a muxer: {@code mp4}, {@code matroska}, {@code avi}, …
 * @param codec FFmpeg's name of an encoder: {@code libopenh264}, {@code mpeg4}, …
 * @param framesPerSecond constant rate
 * @param quantizer of every frame, 1 (best) to 51 for H.264, to 31 for MPEG-4
 * @param keyInterval frames from one key frame to the next
 * @param bFrames between two others, for encoders that have them
 */
public record Encoding(
    String container,
    String codec,
    int framesPerSecond,
    int quantizer,
    int keyInterval,
    int bFrames) {

  /** H.264 Constrained Baseline in an mp4: what every player and every decoder takes. */
  public static Encoding h264(int framesPerSecond) {
    return new Encoding("mp4", "libopenh264", framesPerSecond, 20, 250, 0);
  }

  /**
   * @throws IllegalArgumentException if a number is out of its range
   */
  public Encoding {
    if (framesPerSecond < 1 || quantizer < 1 || quantizer > 51 || keyInterval < 1 || bFrames < 0) {
      throw new IllegalArgumentException(
          "%d frames a second, quantizer %d, a key frame in %d, %d B-frames"
              .formatted(framesPerSecond, quantizer, keyInterval, bFrames));
    }
  }
}
