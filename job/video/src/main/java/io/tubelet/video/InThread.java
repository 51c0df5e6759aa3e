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
 * their timestamps, which a table in the file may give without counting; and should one not be
 * found, the packets are counted and the file is read whole after all.
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
      Optional<FrameIndex> counted = Optional.empty();
      try (VideoFile file = open()) {
        if (file.claimedFrames() <= limits.wholeFrames()) {
          counted = Optional.of(count(file));
        } else {
          Optional<Decoded.Clips> listed = listed(file);
          if (listed.isPresent()) {
            return listed.get();
          }
        }
      }
      return clips(counted.isPresent() ? counted.get() : count());
    }

    private Optional<Decoded.Clips> listed(VideoFile file) throws RefusedException {
      Optional<FrameIndex> index = FrameIndex.listed(file, limits);
      return index.isPresent() ? sought(file, index.get()) : Optional.empty();
    }

    private FrameIndex count() throws RefusedException {
      try (VideoFile file = open()) {
        return count(file);
      }
    }

    private FrameIndex count(VideoFile file) throws RefusedException {
      FrameIndex index = FrameIndex.scan(file, limits);
      if (index.count() == 0) {
        throw new RefusedException(Reason.NO_FRAMES, "a video stream without a packet");
      }
      return index;
    }

    private Decoded.Clips clips(FrameIndex index) throws RefusedException {
      if (index.count() > limits.wholeFrames() && index.seekable()) {
        try (VideoFile file = open()) {
          Optional<Decoded.Clips> sought = sought(file, index);
          if (sought.isPresent()) {
            return sought.get();
          }
        }
      }
      List<int[]> wanted = windows.over(index.count());
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

    private Optional<Decoded.Clips> sought(VideoFile file, FrameIndex index)
        throws RefusedException {
      List<int[]> wanted = windows.over(index.count());
      try (FrameScaler scaler = scaler();
          FramePass pass = new FramePass(file, index, scaler, limits, deadline)) {
        Optional<Harvest> harvest = pass.sought(Windows.distinct(wanted));
        return harvest.isPresent() ? Optional.of(harvest.get().clips(wanted)) : Optional.empty();
      }
    }

    private Harvest whole(FrameIndex index, List<int[]> wanted) throws RefusedException {
      try (VideoFile file = open();
          FrameScaler scaler = scaler();
          FramePass pass = new FramePass(file, index, scaler, limits, deadline)) {
        return pass.whole(Windows.distinct(wanted));
      }
    }

    private VideoFile open() throws RefusedException {
      return VideoFile.open(source, limits, deadline);
    }

    private FrameScaler scaler() {
      return new FrameScaler(windows.spec().shortSide(), limits.aspect());
    }
  }
}
