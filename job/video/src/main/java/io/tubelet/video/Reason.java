package io.tubelet.video;

/** Why a source gives no clip. One word each, for counting; the detail is in the message. */
public enum Reason {
  /** There is no such file. */
  MISSING,
  /** The file has no bytes. */
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
