package io.tubelet.video;

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

/**
 * Decodes in the thread that asks: fastest, but a file that crashes FFmpeg ends the whole process.
 *
 * <p>A file is read twice or three times: once for its packets, which are counted and not decoded;
 * once for its frames, of which only the wanted ones are scaled and kept; and, if not as many
 * frames came as packets were counted, once more for windows over the frames that there are. In a
 * file longer than {@link DecodeLimits#wholeFrames} the wanted frames are sought instead, told by
 * their timestamps, and should one not be found, the file is read whole after all.
 */
public record InThread() implements Decoding {

  @Override
  public Decoded decode(VideoSource source, Windows windows, DecodeLimits limits) {
    try {
      return new OneFile(source, windows, limits, Deadline.in(limits.seconds())).clips();
    } catch (RefusedException e) {
      return new Decoded.Refused(e.reason(), source.name() + ": " + e.getMessage());
    }
  }

  private record OneFile(
      VideoSource source, Windows windows, DecodeLimits limits, Deadline deadline) {

    Decoded.Clips clips() throws RefusedException {
      FrameIndex index = scan();
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
      Harvest whole = whole(index, wanted);
      if (whole.info().frames() == 0) {
        throw new RefusedException(
            Reason.NO_FRAMES, "none of %d packets decodes".formatted(index.count()));
      }
      if (whole.info().frames() != index.count()) {
        wanted = windows.over(whole.info().frames());
        whole = whole.covers(wanted) ? whole : whole(index, wanted);
      }
      return whole.clips(wanted);
    }

    private FrameIndex scan() throws RefusedException {
      try (VideoFile file = VideoFile.open(source, limits, deadline)) {
        FrameIndex index = FrameIndex.scan(file, limits);
        if (index.count() == 0) {
          throw new RefusedException(Reason.NO_FRAMES, "a video stream without a packet");
        }
        return index;
      }
    }

    private Harvest whole(FrameIndex index, List<int[]> wanted) throws RefusedException {
      try (FrameScaler scaler = scaler();
          FramePass pass = new FramePass(source, index, scaler, limits, deadline)) {
        return pass.whole(Windows.distinct(wanted));
      }
    }

    private FrameScaler scaler() {
      return new FrameScaler(windows.spec().shortSide(), limits.aspect());
    }
  }
}
