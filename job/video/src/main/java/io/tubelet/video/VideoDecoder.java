package io.tubelet.video;

import io.tubelet.geometry.ClipGeometry;
import io.tubelet.video.ffmpeg.FrameIndex;
import io.tubelet.video.ffmpeg.FrameScaler;
import io.tubelet.video.ffmpeg.VideoFile;
import io.tubelet.video.source.Deadline;
import io.tubelet.video.source.DecodeLimits;
import io.tubelet.video.source.Reason;
import io.tubelet.video.source.RefusedException;
import io.tubelet.video.source.VideoSource;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * A video file to windows of frames. Nothing that a file contains makes it throw, wait beyond the
 * time limit, or hold more than the limits allow.
 *
 * <p>A file is read twice or three times: once for its packets, which are counted and not decoded;
 * once for its frames, of which only the wanted ones are scaled and kept; and, if not as many
 * frames came as packets were counted, once more for windows over the frames that there are. In a
 * file longer than {@link DecodeLimits#wholeFrames} the wanted frames are sought instead, told by
 * their timestamps, and should one not be found, the file is read whole after all.
 *
 * <p>Holds no native memory between calls and may be shared by threads.
 */
public final class VideoDecoder {
  private final SamplingSpec spec;
  private final DecodeLimits limits;

  /**
   * @throws IllegalArgumentException if a window could be larger than an array
   */
  public VideoDecoder(SamplingSpec spec, DecodeLimits limits) {
    double frame = (double) spec.shortSide() * spec.shortSide() * limits.aspect();
    if (frame * spec.frames() * ClipGeometry.CHANNELS > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "%s at an aspect of up to %d does not fit an array".formatted(spec, limits.aspect()));
    }
    this.spec = spec;
    this.limits = limits;
  }

  /**
   * Windows at random places, uniform over all places.
   *
   * @param random gives one number per window
   */
  public Decoded decode(VideoSource source, RandomGenerator random) {
    return decode(source, Windows.drawn(spec, random));
  }

  /** Windows evenly spaced from the video's beginning to its end, for evaluation. */
  public Decoded decodeEvenly(VideoSource source) {
    return decode(source, Windows.even(spec));
  }

  private Decoded decode(VideoSource source, Windows windows) {
    try {
      return clips(source, windows);
    } catch (RefusedException e) {
      return new Decoded.Refused(e.reason(), source.name() + ": " + e.getMessage());
    }
  }

  private Decoded.Clips clips(VideoSource source, Windows windows) throws RefusedException {
    Deadline deadline = Deadline.in(limits.seconds());
    FrameIndex index = scan(source, deadline);
    List<int[]> wanted = windows.over(index.count());
    if (index.count() > limits.wholeFrames() && index.seekable()) {
      try (FrameScaler scaler = scaler();
          FramePass pass = new FramePass(source, index, scaler, limits, deadline)) {
        Optional<Harvest> sought = pass.sought(Windows.distinct(wanted));
        if (sought.isPresent()) {
          return sought.get().clips(wanted);
        }
      }
    }
    Harvest whole = whole(source, index, wanted, deadline);
    if (whole.info().frames() == 0) {
      throw new RefusedException(
          Reason.NO_FRAMES, "none of %d packets decodes".formatted(index.count()));
    }
    if (whole.info().frames() != index.count()) {
      wanted = windows.over(whole.info().frames());
      whole = whole.covers(wanted) ? whole : whole(source, index, wanted, deadline);
    }
    return whole.clips(wanted);
  }

  private FrameIndex scan(VideoSource source, Deadline deadline) throws RefusedException {
    try (VideoFile file = VideoFile.open(source, limits, deadline)) {
      FrameIndex index = FrameIndex.scan(file, limits);
      if (index.count() == 0) {
        throw new RefusedException(Reason.NO_FRAMES, "a video stream without a packet");
      }
      return index;
    }
  }

  private Harvest whole(VideoSource source, FrameIndex index, List<int[]> wanted, Deadline deadline)
      throws RefusedException {
    try (FrameScaler scaler = scaler();
        FramePass pass = new FramePass(source, index, scaler, limits, deadline)) {
      return pass.whole(Windows.distinct(wanted));
    }
  }

  private FrameScaler scaler() {
    return new FrameScaler(spec.shortSide(), limits.aspect());
  }
}
