package io.tubelet.video;

import static org.bytedeco.ffmpeg.global.avutil.AV_LOG_QUIET;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_RGB24;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.av_log_set_level;

import io.tubelet.clip.Frames;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.bytedeco.javacv.FFmpegFrameRecorder;
import org.bytedeco.javacv.Frame;

/** Videos that show in every frame which one it is: 16 binary digits, as black and white blocks. */
public final class CountingVideo {
  public static final int HEIGHT = 32;
  public static final int WIDTH = 128;
  private static final int DIGITS = 16;
  private static final int BLOCK = WIDTH / DIGITS;

  private CountingVideo() {}

  /**
   * How frames are put into a file.
   *
   * @param container FFmpeg's name of a muxer
   * @param codec FFmpeg's name of an encoder
   * @param quantizer of every frame
   * @param keyInterval frames from one key frame to the next
   * @param bFrames between two others
   */
  record Encoding(
      String container,
      String codec,
      int framesPerSecond,
      int quantizer,
      int keyInterval,
      int bFrames) {

    static Encoding h264(int framesPerSecond) {
      return new Encoding("mp4", "libopenh264", framesPerSecond, 20, 250, 0);
    }
  }

  /** A file of so many frames. */
  static byte[] file(Encoding encoding, int frames) {
    try {
      Path file = Files.createTempFile("counting", "." + encoding.container());
      try {
        write(encoding, frames, file);
        return Files.readAllBytes(file);
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(Encoding encoding, int frames, Path file) throws IOException {
    String quantizer = Integer.toString(encoding.quantizer());
    av_log_set_level(AV_LOG_QUIET);
    try (FFmpegFrameRecorder recorder = new FFmpegFrameRecorder(file.toFile(), WIDTH, HEIGHT)) {
      recorder.setFormat(encoding.container());
      recorder.setVideoCodecName(encoding.codec());
      recorder.setPixelFormat(AV_PIX_FMT_YUV420P);
      recorder.setFrameRate(encoding.framesPerSecond());
      recorder.setGopSize(encoding.keyInterval());
      recorder.setMaxBFrames(encoding.bFrames());
      recorder.setVideoBitrate(0);
      recorder.setVideoQuality(encoding.quantizer());
      recorder.setVideoOptions(
          Map.of("qmin", quantizer, "qmax", quantizer, "threads", "1", "flags", "+bitexact"));
      recorder.setOption("fflags", "+bitexact");
      recorder.start();
      for (int frame = 0; frame < frames; frame++) {
        ByteBuffer pixels = ByteBuffer.wrap(frame(frame));
        recorder.recordImage(
            WIDTH, HEIGHT, Frame.DEPTH_UBYTE, 3, WIDTH * 3, AV_PIX_FMT_RGB24, pixels);
      }
    }
  }

  /** An H.264 mp4. */
  public static byte[] file(int frames) {
    return file(Encoding.h264(25), frames);
  }

  /** RGB {@code [height, width, channel]} of one frame. */
  public static byte[] frame(int number) {
    byte[] pixels = new byte[HEIGHT * WIDTH * 3];
    for (int pixel = 0; pixel < HEIGHT * WIDTH; pixel++) {
      int digit = pixel % WIDTH / BLOCK;
      int value = (number >> digit & 1) * 255;
      Arrays.fill(pixels, 3 * pixel, 3 * pixel + 3, (byte) value);
    }
    return pixels;
  }

  /** The numbers that decoded frames show; frames of any size of the same shape. */
  public static int[] read(Frames frames) {
    int[] numbers = new int[frames.time()];
    for (int time = 0; time < numbers.length; time++) {
      for (int digit = 0; digit < DIGITS; digit++) {
        int column = (2 * digit + 1) * frames.width() / (2 * DIGITS);
        int value = frames.bytes()[frames.offset(time, frames.height() / 2, column)] & 0xFF;
        numbers[time] |= (value > 127 ? 1 : 0) << digit;
      }
    }
    return numbers;
  }
}
