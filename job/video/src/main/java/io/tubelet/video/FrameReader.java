package io.tubelet.video;

import static org.bytedeco.ffmpeg.global.avcodec.*;
import static org.bytedeco.ffmpeg.global.avutil.*;

import java.util.Arrays;
import java.util.function.LongPredicate;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;

/**
 * The frames of a video file in order of presentation, one at a time, on the calling thread alone:
 * the cluster's cores are kept busy with files, and one thread gives the same frames always.
 *
 * <p>Interlaced frames come as they are stored, both fields woven together.
 */
final class FrameReader implements AutoCloseable {
  private final VideoFile file;
  private final AVCodecContext codec;
  private final AVPacket packet = av_packet_alloc();
  private final AVFrame frame = av_frame_alloc();
  private LongPredicate wanted = timestamp -> true;
  private int errors;

  private FrameReader(VideoFile file, AVCodec decoder) {
    this.file = file;
    this.codec = avcodec_alloc_context3(decoder);
  }

  /**
   * Opens the decoder of a file's codec.
   *
   * @param file not closed by the reader
   * @throws RefusedException {@link Reason#UNSUPPORTED_CODEC}
   */
  static FrameReader open(VideoFile file, DecodeLimits limits) throws RefusedException {
    AVCodec decoder = avcodec_find_decoder(file.parameters().codec_id());
    if (decoder == null) {
      throw new RefusedException(Reason.UNSUPPORTED_CODEC, "no decoder for " + file.codec());
    }
    FrameReader reader = new FrameReader(file, decoder);
    avcodec_parameters_to_context(reader.codec, file.parameters());
    reader.codec.thread_count(1).max_pixels(limits.pixels());
    if (avcodec_open2(reader.codec, decoder, (AVDictionary) null) < 0) {
      reader.close();
      throw new RefusedException(
          Reason.UNSUPPORTED_CODEC, "the decoder does not take this " + file.codec());
    }
    return reader;
  }

  /**
   * The next frame that decodes.
   *
   * @return valid until the next call; null at the end
   * @throws RefusedException if the time is over or the storage fails
   */
  AVFrame next() throws RefusedException {
    while (true) {
      file.check();
      int result = avcodec_receive_frame(codec, frame);
      if (result >= 0) {
        boolean flawed =
            frame.decode_error_flags() != 0 || (frame.flags() & AVFrame.AV_FRAME_FLAG_CORRUPT) != 0;
        errors += flawed ? 1 : 0;
        return frame;
      }
      if (result == AVERROR_EOF) {
        return null;
      }
      if (result == AVERROR_EAGAIN()) {
        feed();
      } else {
        errors++;
      }
    }
  }

  private void feed() throws RefusedException {
    boolean more = file.read(packet);
    codec.skip_frame(wanted.test(packet.pts()) ? AVDISCARD_DEFAULT : AVDISCARD_NONREF);
    int result = avcodec_send_packet(codec, more ? packet : null); // null: give the last frames
    errors += result < 0 && result != AVERROR_EOF ? 1 : 0;
    av_packet_unref(packet);
  }

  /**
   * From here on leaves out frames that no other one is made from, unless they are shown at one of
   * these times: half of a usual video need not be decoded on the way to a frame.
   *
   * @param timestamps ascending
   */
  void want(long[] timestamps) {
    wanted = timestamp -> Arrays.binarySearch(timestamps, timestamp) >= 0;
  }

  /** Goes on from the key frame decoded at {@code timestamp}; false if the container cannot. */
  boolean seek(long timestamp) {
    avcodec_flush_buffers(codec);
    return file.seek(timestamp);
  }

  /** Packets that did not decode and frames with flaws, up to now. */
  int errors() {
    return errors + file.errors();
  }

  @Override
  public void close() {
    av_frame_free(frame);
    av_packet_free(packet);
    avcodec_free_context(codec);
  }
}
