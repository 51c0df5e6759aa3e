package io.tubelet.video;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.clip.Frames;
import io.tubelet.video.FrameScaler.Orientation;
import org.junit.jupiter.api.Test;

/** The stored picture is 2 rows of 3 pixels: ABC over DEF. */
class OrientationTest {
  private static final long ONE = 1 << 16;

  /** What is shown, rows one after the other. */
  private static String shown(long a, long b, long c, long d) {
    byte[] stored = new byte[18];
    for (int i = 0; i < stored.length; i++) {
      stored[i] = (byte) ('A' + i / 3);
    }
    StringBuilder shown = new StringBuilder();
    byte[] turned = Orientation.of(a, b, c, d).show(new Frames(1, 2, 3, stored)).bytes();
    for (int i = 0; i < turned.length; i += 3) {
      assertThat(turned[i + 1]).isEqualTo(turned[i]);
      shown.append((char) turned[i]);
    }
    return shown.toString();
  }

  @Test
  void leavesAnUprightPictureAlone() {
    assertThat(shown(ONE, 0, 0, ONE)).isEqualTo("ABCDEF");
    assertThat(Orientation.of(ONE, 0, 0, ONE)).isEqualTo(Orientation.UPRIGHT);
  }

  @Test
  void turnsByQuarters() {
    assertThat(shown(0, ONE, -ONE, 0)).as("90 degrees clockwise").isEqualTo("DAEBFC");
    assertThat(shown(-ONE, 0, 0, -ONE)).as("180 degrees").isEqualTo("FEDCBA");
    assertThat(shown(0, -ONE, ONE, 0)).as("90 degrees the other way").isEqualTo("CFBEAD");
  }

  @Test
  void mirrors() {
    assertThat(shown(-ONE, 0, 0, ONE)).isEqualTo("CBAFED");
    assertThat(shown(ONE, 0, 0, -ONE)).isEqualTo("DEFABC");
    assertThat(shown(0, ONE, ONE, 0)).isEqualTo("ADBECF");
    assertThat(shown(0, -ONE, -ONE, 0)).isEqualTo("FCEBDA");
  }

  @Test
  void takesTheNearestQuarterOfAnyOtherAngle() {
    assertThat(Orientation.of(60_000, 20_000, -20_000, 60_000)).isEqualTo(Orientation.UPRIGHT);
    assertThat(Orientation.of(0, 0, 0, 0)).isEqualTo(Orientation.UPRIGHT);
  }
}
