package io.tubelet.video;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.video.source.DecodeLimits;
import io.tubelet.video.source.VideoSource;
import java.util.random.RandomGenerator;

/**
 * A video file to windows of frames. Nothing that a file contains makes it throw, wait beyond the
 * time limit, or hold more than the limits allow.
 *
 * <p>Holds no native memory between calls and may be shared by threads.
 */
public final class VideoDecoder {
  private final SamplingSpec spec;
  private final DecodeLimits limits;
  private final Decoding decoding;

  /** Decodes in the thread that asks. */
  public VideoDecoder(SamplingSpec spec, DecodeLimits limits) {
    this(spec, limits, new InThread());
  }

  /**
   * @param decoding where the work is done
   * @throws IllegalArgumentException if a window could be larger than an array
   */
  public VideoDecoder(SamplingSpec spec, DecodeLimits limits, Decoding decoding) {
    double frame = (double) spec.shortSide() * spec.shortSide() * limits.aspect();
    if (frame * spec.frames() * ClipGeometry.CHANNELS > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "%s at an aspect of up to %d does not fit an array".formatted(spec, limits.aspect()));
    }
    this.spec = spec;
    this.limits = limits;
    this.decoding = decoding;
  }

  /**
   * Windows at random places, uniform over all places.
   *
   * @param random gives one number per window
   */
  public Decoded decode(VideoSource source, RandomGenerator random) {
    return decoding.decode(source, Windows.drawn(spec, random), limits);
  }

  /** Windows evenly spaced from the video's beginning to its end, for evaluation. */
  public Decoded decodeEvenly(VideoSource source) {
    return decoding.decode(source, Windows.even(spec), limits);
  }
}
