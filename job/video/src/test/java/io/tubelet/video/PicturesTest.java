package io.tubelet.video;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.video.Decoded.Reason;
import io.tubelet.video.Decoding.DecodeLimits;
import io.tubelet.video.Windows.SamplingSpec;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PicturesTest {
  private static final int PICTURES = 120;

  @TempDir private Path folder;

  private void write(int number, String name, String kind) throws IOException {
    byte[] pixels = CountingVideo.frame(number);
    int width = CountingVideo.WIDTH;
    BufferedImage image =
        new BufferedImage(width, CountingVideo.HEIGHT, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < pixels.length / 3; i++) {
      image.setRGB(i % width, i / width, (pixels[3 * i] & 0xFF) * 0x010101);
    }
    assertThat(ImageIO.write(image, kind, folder.resolve(name).toFile())).isTrue();
  }

  private Decoded decode() {
    SamplingSpec spec = new SamplingSpec(PICTURES, 1, 1, CountingVideo.HEIGHT);
    return new InThread().decode(Sources.of(folder), Windows.even(spec), DecodeLimits.DEFAULT);
  }

  @ParameterizedTest
  @ValueSource(strings = {"jpg", "png"})
  void showsThePicturesInTheNaturalOrderOfTheirNames(String kind) throws IOException {
    for (int i = 0; i < PICTURES; i++) {
      write(i, "b'ä %d.%s".formatted(i, kind), kind);
    }
    Files.writeString(folder.resolve("README.txt"), "no picture");
    Files.createDirectory(folder.resolve("0.png"));

    Decoded.Clips clips = (Decoded.Clips) decode();

    assertThat(clips.info().warnings()).isZero();
    assertThat(clips.info().width()).isEqualTo(CountingVideo.WIDTH);
    assertThat(CountingVideo.read(clips.windows().get(0)))
        .containsExactly(IntStream.range(0, PICTURES).toArray());
  }

  @Test
  void leavesOutADamagedPictureAndNoOther() throws IOException {
    for (int i = 0; i < PICTURES; i++) {
      write(i, i + ".jpg", "jpg");
    }
    Files.writeString(folder.resolve("7.jpg"), "no picture");

    Decoded.Clips clips = (Decoded.Clips) decode();

    assertThat(clips.info().frames()).isEqualTo(PICTURES - 1);
    assertThat(clips.info().warnings()).isPositive();
    assertThat(CountingVideo.read(clips.windows().get(0)))
        .startsWith(IntStream.range(0, PICTURES).filter(i -> i != 7).toArray());
  }

  @Test
  void refusesAFolderThatIsNoVideo() throws IOException {
    assertThat(((Decoded.Refused) decode()).detail()).contains("nor a folder of pictures");
    write(0, "0.png", "png");
    write(1, "1.jpeg", "jpg");

    assertThat(((Decoded.Refused) decode()).reason()).isEqualTo(Reason.UNREADABLE);
    assertThat(((Decoded.Refused) decode()).detail()).contains("both JPEG and PNG");
  }
}
