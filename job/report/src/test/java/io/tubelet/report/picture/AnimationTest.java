package io.tubelet.report.picture;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.clip.Frames;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import org.junit.jupiter.api.Test;

class AnimationTest {
  private static Frames clip(int... greys) {
    byte[] pixels = new byte[greys.length * 3 * 4 * 3];
    for (int i = 0; i < greys.length; i++) {
      Arrays.fill(pixels, i * 36, (i + 1) * 36, (byte) greys[i]);
    }
    return new Frames(greys.length, 3, 4, pixels);
  }

  @Test
  void showsAllFramesOfClipsSideBySideForEver() throws IOException {
    byte[] gif = Animation.gif(List.of(clip(0, 50, 100), clip(250, 200, 150)));
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
