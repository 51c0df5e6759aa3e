package io.tubelet.report.picture;

import io.tubelet.clip.Frames;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import javax.imageio.ImageIO;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * Some frames of a clip side by side in one PNG.
 *
 * @param width of the picture, in pixels
 * @param height of the picture, in pixels
 * @param frames how many stand side by side
 * @param every distance of one shown frame from the next, in frames
 * @param png the picture's file
 */
public record Film(int width, int height, int frames, int every, byte[] png) {
  private static final int MOST_FRAMES = 8;

  /** Larger frames are shrunk to this: eight of them fill a page. */
  private static final int LARGEST_FRAME = 112;

  private static final int GAP = 2;
  private static final int PAGE_WIDTH = 1080;

  /** Every k-th frame of the clip, the smallest k for which the film has at most 8 of them. */
  public static Film of(Frames clip) {
    int every = (clip.time() + MOST_FRAMES - 1) / MOST_FRAMES;
    int shown = (clip.time() + every - 1) / every;
    int box = (Math.max(clip.height(), clip.width()) + LARGEST_FRAME - 1) / LARGEST_FRAME;
    int pitch = clip.width() / box + GAP;
    BufferedImage image =
        new BufferedImage(shown * pitch - GAP, clip.height() / box, BufferedImage.TYPE_INT_ARGB);
    for (int i = 0; i < shown; i++) {
      for (int y = 0; y < image.getHeight(); y++) {
        for (int x = 0; x < pitch - GAP; x++) {
          image.setRGB(i * pitch + x, y, mean(clip, clip.offset(i * every, y * box, x * box), box));
        }
      }
    }
    return new Film(image.getWidth(), image.getHeight(), shown, every, png(image));
  }

  /** Mean colour of a box of pixels that starts at an offset. */
  private static int mean(Frames clip, int offset, int box) {
    int[] sums = new int[3];
    for (int i = 0; i < box * box; i++) {
      int at = offset + (i / box * clip.width() + i % box) * 3;
      for (int channel = 0; channel < 3; channel++) {
        sums[channel] += clip.bytes()[at + channel] & 0xFF;
      }
    }
    int argb = 0xFF;
    for (int sum : sums) {
      argb = argb << 8 | (sum + box * box / 2) / (box * box);
    }
    return argb;
  }

  /** Held in memory: a picture this small needs no temporary file. */
  private static byte[] png(BufferedImage image) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      if (!ImageIO.write(image, "png", out)) {
        throw new IllegalStateException("this Java has no writer for PNG");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** The picture as the page holds it. */
  public String dataUri() {
    return "data:image/png;base64," + Base64.getEncoder().encodeToString(png);
  }

  /** Width to show it at: a whole multiple of its own, so that small pixels stay square. */
  public int shownWidth() {
    return width * Math.max(1, PAGE_WIDTH / width);
  }

  /** Height to show it at. */
  public int shownHeight() {
    return height * Math.max(1, PAGE_WIDTH / width);
  }
}
