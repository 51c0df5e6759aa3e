package io.tubelet.video;

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
      return new Decoded.Refused(e.reason(), source.name() + ": " + e.getMessage());
    }
  }

  private record OneFile(ByteInput input, Windows windows, DecodeLimits limits) {

    Decoded.Clips clips() throws RefusedException {
      FrameIndex index = index();
      List<int[]> wanted = windows.over(index.count());
      if (index.count() > limits.wholeFrames() && index.seekable()) {
        Optional<DecodedFrames> sought = sought(index, wanted);
        if (sought.isPresent()) {
          return sought.get().clips(wanted);
        }
      }
      DecodedFrames whole = whole(index, wanted);
      int frames = whole.info().frames();
      if (frames == 0) {
        throw new RefusedException(
            Reason.NO_FRAMES, "none of %d packets decodes".formatted(index.count()));
      }
      if (frames != index.count()) {
        wanted = windows.over(frames);
        whole = whole.covers(wanted) ? whole : whole(index, wanted);
      }
      return whole.clips(wanted);
    }

    private FrameIndex index() throws RefusedException {
      try (VideoFile file = VideoFile.open(input, limits)) {
        return FrameIndex.scan(file, limits.frames());
      }
    }

    private Optional<DecodedFrames> sought(FrameIndex index, List<int[]> wanted)
        throws RefusedException {
      try (VideoFile file = VideoFile.open(input, limits);
          FramePass pass = pass(file, index)) {
        return pass.sought(Windows.distinct(wanted));
      }
    }

    private DecodedFrames whole(FrameIndex index, List<int[]> wanted) throws RefusedException {
      try (VideoFile file = VideoFile.open(input, limits);
          FramePass pass = pass(file, index)) {
        return pass.whole(Windows.distinct(wanted));
      }
    }

    private FramePass pass(VideoFile file, FrameIndex index) throws RefusedException {
      return new FramePass(file, index, windows.spec().shortSide(), limits);
    }
  }
}
