package io.tubelet.video;

import io.tubelet.clip.Frames;
import io.tubelet.video.encode.Encoding;
import io.tubelet.video.encode.VideoEncoder;
import java.util.Arrays;

/** Videos that show in every frame which one it is: 16 binary digits, as black and white blocks. */
public final class CountingVideo {
  public static final int HEIGHT = 32;
  public static final int WIDTH = 128;
  private static final int DIGITS = 16;
  private static final int BLOCK = WIDTH / DIGITS;

  private CountingVideo() {}

  /** A file of so many frames. */
  static byte[] file(Encoding encoding, int frames) {
    try (VideoEncoder encoder = new VideoEncoder(encoding, HEIGHT, WIDTH)) {
      for (int frame = 0; frame < frames; frame++) {
        encoder.add(frame(frame), 0);
      }
      return encoder.finish();
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
