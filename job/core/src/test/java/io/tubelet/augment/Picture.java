package io.tubelet.augment;

import io.tubelet.clip.Frames;
import java.util.zip.CRC32;

/** A made-up clip for golden pictures, and what a picture is told by. */
public final class Picture {
  private Picture() {}

  /** Slanted bands that move with time, values 20 to 219: {@code [time, height, width, 3]}. */
  public static Frames bands(int time, int height, int width) {
    byte[] bytes = new byte[time * height * width * 3];
    int at = 0;
    for (int t = 0; t < time; t++) {
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          for (int c = 0; c < 3; c++) {
            bytes[at++] = (byte) (20 + (x * (3 + c) + y * (5 - c) + t * 17 + ((x * y) >> 3)) % 200);
          }
        }
      }
    }
    return new Frames(time, height, width, bytes);
  }

  /** CRC-32 of all values, in hexadecimal. */
  public static String crc(Frames frames) {
    CRC32 crc = new CRC32();
    crc.update(frames.bytes());
    return "%08x".formatted(crc.getValue());
  }

  /** Sum of all values. */
  public static long sum(Frames frames) {
    long sum = 0;
    for (byte value : frames.bytes()) {
      sum += value & 0xFF;
    }
    return sum;
  }
}
