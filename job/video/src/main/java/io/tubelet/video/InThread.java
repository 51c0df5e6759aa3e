package io.tubelet.video;

import io.tubelet.video.Decoded.Reason;
import io.tubelet.video.Decoded.RefusedException;
import io.tubelet.video.Decoding.DecodeLimits;
import io.tubelet.video.FramePass.DecodedFrames;
import java.util.List;
import java.util.Optional;

/**
 * Decodes in the thread that asks: fastest, but a file that crashes FFmpeg ends the whole process.
 *
 * <p>A file is read twice or three times: once for its packets, which are counted and not decoded;
 * once for its frames, of which only the wanted ones are scaled and kept; and, if not as many
 * frames came as packets were counted, once more for windows over the frames that there are. In a
 * file longer than {@link DecodeLimits#wholeFrames} the wanted frames are sought instead, told by
 * their timestamps; and should one not be found, the file is read whole after all.
 */
public record InThread() implements Decoding {

  @Override
  public Decoded decode(VideoSource source, Windows windows, DecodeLimits limits) {
    try (ByteInput input = ByteInput.open(source, limits.seconds())) {
      return new OneFile(input, windows, limits).clips();
    } catch (RefusedException e) {
      return new Decoded.Refused(e.reason, source.name() + ": " + e.getMessage());
    }
  }

  private record OneFile(ByteInput input, Windows windows, DecodeLimits limits) {

    Decoded.Clips clips() throws RefusedException {
      FrameIndex index;
      try (VideoFile file = VideoFile.open(input, limits)) {
        index = FrameIndex.scan(file, limits.frames());
      }
      if (windows.moments().length > 0 && !index.seekable()) {
        throw new RefusedException(Reason.UNREADABLE, "its frames have no times of their own");
      }
      List<int[]> wanted = windows.over(index.count(), index::at);
      if (index.count() > limits.wholeFrames() && index.seekable()) {
        Optional<DecodedFrames> sought = frames(index, wanted, true);
        if (sought.isPresent()) {
          return sought.get().clips(wanted);
        }
      }
      DecodedFrames whole = frames(index, wanted, false).orElseThrow();
      int count = whole.info().frames();
      if (count == 0) {
        throw new RefusedException(
            Reason.NO_FRAMES, "none of %d packets decodes".formatted(index.count()));
      }
      if (count != index.count()) {
        wanted = windows.over(count, index::at);
        whole = whole.covers(wanted) ? whole : frames(index, wanted, false).orElseThrow();
      }
      return whole.clips(wanted);
    }

    /** One pass; empty only if a frame that was sought was not found. */
    private Optional<DecodedFrames> frames(FrameIndex index, List<int[]> wanted, boolean seek)
        throws RefusedException {
      int[] frames = Windows.distinct(wanted);
      try (VideoFile file = VideoFile.open(input, limits);
          FramePass pass = FramePass.open(file, index, windows.spec().shortSide(), limits)) {
        return seek ? pass.sought(frames) : Optional.of(pass.whole(frames));
      }
    }
  }
}
