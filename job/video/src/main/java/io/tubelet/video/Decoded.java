package io.tubelet.video;

import io.tubelet.clip.Frames;
import io.tubelet.video.Decoding.DecodeLimits;
import java.io.Serializable;
import java.util.List;

/** What a source gives: windows of frames, or a reason why not. */
public sealed interface Decoded extends Serializable {

  /** The windows that were asked for, all of one size. */
  record Clips(VideoInfo info, List<Frames> windows) implements Decoded {}

  /** Nothing: a reason for counting, and for people what was found, after the source's name. */
  record Refused(Reason reason, String detail) implements Decoded {}

  /**
   * What is known of a video after reading it.
   *
   * @param width columns as shown, after rotation
   * @param height rows as shown, after rotation
   * @param framesPerSecond mean rate as the container says, or else as its timestamps say; 0 if
   *     neither does
   * @param seconds from the first frame's beginning to the last one's end; 0 if unknown
   * @param frames that decode; in a file too long to be decoded whole, its video packets
   * @param warnings packets that do not decode and frames with flaws among what was read; 0 for an
   *     intact file
   */
  record VideoInfo(
      String codec,
      int width,
      int height,
      double framesPerSecond,
      double seconds,
      int frames,
      int warnings)
      implements Serializable {}

  /** Why a source gives no clip. One word each, for counting; the detail is in the message. */
  enum Reason {
    MISSING,
    EMPTY_FILE,
    /** None of the containers that are read here: text, a picture, a playlist, plain sound. */
    NOT_MEDIA,
    /** The storage failed, or a known container whose header is damaged or cut off. */
    UNREADABLE,
    /** Sound or cover art alone. */
    NO_VIDEO_STREAM,
    /** No decoder for the codec, or no conversion from its pixel format. */
    UNSUPPORTED_CODEC,
    /** More pixels, frames or memory than {@link DecodeLimits} allows. */
    TOO_LARGE,
    /** Not finished in the time {@link DecodeLimits} allows. */
    TIMED_OUT,
    /** A video stream of which not one frame decodes. */
    NO_FRAMES,
    /** The process that decoded it ended: a fault in native code. */
    CRASHED
  }

  /** A source that gives no clip. Ends at the decoder's border, where it becomes a value. */
  final class RefusedException extends Exception {
    final Reason reason;

    /** With what was found, for people, without the file's name. */
    RefusedException(Reason reason, String detail) {
      super(detail);
      this.reason = reason;
    }
  }
}
