package io.tubelet.report.picture;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.clip.Frames;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import org.junit.jupiter.api.Test;

class FilmTest {
  @Test
  void showsEverySecondOfSixteenFrames() throws IOException {
    Film film = Film.of(clip(16, 4, 6));

    assertThat(film.frames()).isEqualTo(8);
    assertThat(film.every()).isEqualTo(2);
    assertThat(film.width()).isEqualTo(8 * 6 + 7 * 2);
    BufferedImage image = image(film);
    assertThat(image.getRGB(0, 0)).isEqualTo(0xFF000007);
    assertThat(image.getRGB(8, 3)).isEqualTo(0xFF020307);
    assertThat(image.getRGB(6, 0) >>> 24).isZero(); // the gap lets the page through
  }

  @Test
  void showsAllOfFewFramesAndAtMostEightOfAnOddNumber() {
    assertThat(Film.of(clip(5, 2, 2)).frames()).isEqualTo(5);
    assertThat(Film.of(clip(17, 2, 2)).frames()).isEqualTo(6);
    assertThat(Film.of(clip(17, 2, 2)).every()).isEqualTo(3);
  }

  @Test
  void shrinksLargeFramesByTheMeanOfABox() throws IOException {
    byte[] pixels = new byte[224 * 224 * 3];
    pixels[0] = (byte) 200;
    pixels[3] = (byte) 100;
    pixels[224 * 3] = (byte) 60;
    pixels[224 * 3 + 3] = (byte) 40;

    Film film = Film.of(new Frames(1, 224, 224, pixels));

    assertThat(film.width()).isEqualTo(112);
    assertThat(film.height()).isEqualTo(112);
    assertThat(image(film).getRGB(0, 0)).isEqualTo(0xFF640000);
    assertThat(image(film).getRGB(1, 1)).isEqualTo(0xFF000000);
  }

  @Test
  void enlargesSmallFramesByAWholeNumber() {
    Film film = Film.of(clip(16, 32, 32));

    assertThat(film.width()).isEqualTo(270);
    assertThat(film.shownWidth()).isEqualTo(4 * 270);
    assertThat(film.shownHeight()).isEqualTo(4 * 32);
  }

  /** Red is the frame, green the row, blue always 7. */
  private static Frames clip(int time, int height, int width) {
    byte[] bytes = new byte[time * height * width * 3];
    for (int i = 0; i < bytes.length; i += 3) {
      bytes[i] = (byte) (i / 3 / (height * width));
      bytes[i + 1] = (byte) (i / 3 / width % height);
      bytes[i + 2] = 7;
    }
    return new Frames(time, height, width, bytes);
  }

  private static BufferedImage image(Film film) throws IOException {
    String base64 = film.dataUri().substring("data:image/png;base64,".length());
    return ImageIO.read(new ByteArrayInputStream(Base64.getDecoder().decode(base64)));
  }

  private static Frames greys(int... greys) {
    byte[] pixels = new byte[greys.length * 3 * 4 * 3];
    for (int i = 0; i < greys.length; i++) {
      Arrays.fill(pixels, i * 36, (i + 1) * 36, (byte) greys[i]);
    }
    return new Frames(greys.length, 3, 4, pixels);
  }

  @Test
  void showsAllFramesOfClipsSideBySideForEver() throws IOException {
    byte[] gif = Film.gif(List.of(greys(0, 50, 100), greys(250, 200, 150)));
    ImageReader reader = ImageIO.getImageReadersByFormatName("gif").next();
    reader.setInput(ImageIO.createImageInputStream(new ByteArrayInputStream(gif)));
    assertThat(reader.getNumImages(true)).isEqualTo(3);
    for (int time = 0; time < 3; time++) {
      assertThat(reader.read(time).getWidth()).isEqualTo(4 + 2 + 4);
      assertThat(reader.read(time).getRGB(0, 0) & 0xFF).isEqualTo(50 * time);
      assertThat(reader.read(time).getRGB(9, 2) & 0xFF).isEqualTo(250 - 50 * time);
    }
    assertThat(new String(gif, StandardCharsets.ISO_8859_1)).contains("NETSCAPE2.0");
  }
}
