package io.tubelet.video.ffmpeg;

import static org.bytedeco.ffmpeg.global.avcodec.AVDISCARD_ALL;
import static org.bytedeco.ffmpeg.global.avcodec.AVDISCARD_DEFAULT;
import static org.bytedeco.ffmpeg.global.avformat.AV_DISPOSITION_ATTACHED_PIC;
import static org.bytedeco.ffmpeg.global.avformat.AV_DISPOSITION_DEFAULT;
import static org.bytedeco.ffmpeg.global.avformat.AV_DISPOSITION_STILL_IMAGE;
import static org.bytedeco.ffmpeg.global.avformat.AV_DISPOSITION_TIMED_THUMBNAILS;
import static org.bytedeco.ffmpeg.global.avutil.AVMEDIA_TYPE_VIDEO;

import io.tubelet.video.source.Reason;
import io.tubelet.video.source.RefusedException;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVStream;

/**
 * Which stream of a container is its video: the first one marked as default, or else the first.
 * Pictures attached as covers or thumbnails are none.
 */
final class StreamChoice {
  private static final int NO_VIDEO =
      AV_DISPOSITION_ATTACHED_PIC | AV_DISPOSITION_STILL_IMAGE | AV_DISPOSITION_TIMED_THUMBNAILS;

  private StreamChoice() {}

  /**
   * Chooses the stream, and has the demuxer skip all others.
   *
   * @throws RefusedException {@link Reason#NO_VIDEO_STREAM}
   */
  static AVStream of(AVFormatContext format) throws RefusedException {
    AVStream chosen = null;
    for (int i = 0; i < format.nb_streams(); i++) {
      AVStream next = format.streams(i);
      next.discard(AVDISCARD_ALL);
      if (isVideo(next) && (chosen == null || (isDefault(next) && !isDefault(chosen)))) {
        chosen = next;
      }
    }
    if (chosen == null) {
      throw new RefusedException(
          Reason.NO_VIDEO_STREAM, "no video among %d streams".formatted(format.nb_streams()));
    }
    chosen.discard(AVDISCARD_DEFAULT);
    return chosen;
  }

  private static boolean isVideo(AVStream stream) {
    return stream.codecpar().codec_type() == AVMEDIA_TYPE_VIDEO
        && (stream.disposition() & NO_VIDEO) == 0;
  }

  private static boolean isDefault(AVStream stream) {
    return (stream.disposition() & AV_DISPOSITION_DEFAULT) != 0;
  }
}
