package io.tubelet.report.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.Frames;
import io.tubelet.cube.CubeBatch;
import io.tubelet.masking.Mask;
import java.util.List;
import org.junit.jupiter.api.Test;

/** By hand: one frame of 1 x 4 white pixels, a cube each. */
class AttentionStripTest {
  private static final ClipGeometry GEOMETRY = new ClipGeometry(1, 1, 4, 1, 1);

  private static CubeBatch batch(Mask mask, int... greys) {
    byte[] bytes = new byte[12];
    for (int i = 0; i < 12; i++) {
      bytes[i] = (byte) greys[i / 3];
    }
    return CubeBatch.cut(
        GEOMETRY, List.of(new Frames(1, 1, 4, bytes)), List.of(mask), new float[0], List.of("a"));
  }

  private static int[] channel(Frames frames, int channel) {
    int[] values = new int[4];
    for (int i = 0; i < 4; i++) {
      values[i] = frames.bytes()[3 * i + channel] & 0xFF;
    }
    return values;
  }

  @Test
  void coloursWhatGetsMoreThanAnEvenShareInProportion() {
    float[] received = {0.5f, 0.375f, 0.125f, 0};
    AttentionStrip strip = AttentionStrip.of(batch(Mask.none(4), 100, 100, 100, 7), received);
    assertThat(strip.strongest()).isCloseTo(2, within(1e-6));
    // heat 0.75, 0.375, 0, 0: red 100 + 0.75 · 155, 100 + 0.375 · 155
    assertThat(channel(strip.frames(), 0)).containsExactly(216, 158, 100, 7);
    assertThat(channel(strip.frames(), 2)).containsExactly(25, 63, 100, 7);
  }

  @Test
  void paintsTheTokenAndNotTheRowOfTheBatch() {
    Mask firstHidden = Mask.of(new boolean[] {true, false, false, false});
    float[] received = {1, 0, 0, 0};
    AttentionStrip strip = AttentionStrip.of(batch(firstHidden, 0, 0, 0, 0), received);
    assertThat(channel(strip.frames(), 0)).containsExactly(191, 0, 0, 0);
  }

  @Test
  void doesNotExaggerateSmallDifferences() {
    float[] received = {0.3f, 0.25f, 0.25f, 0.2f}; // 1.2 times the even share: heat 0.15
    AttentionStrip strip = AttentionStrip.of(batch(Mask.none(4), 100, 100, 100, 100), received);
    assertThat(channel(strip.frames(), 0)).containsExactly(123, 100, 100, 100);
  }

  @Test
  void staysGreyWhereAllGetTheSame() {
    float[] even = {0.25f, 0.25f, 0.25f, 0.25f};
    AttentionStrip strip = AttentionStrip.of(batch(Mask.none(4), 1, 2, 3, 4), even);
    assertThat(strip.strongest()).isEqualTo(1);
    assertThat(channel(strip.frames(), 0)).containsExactly(1, 2, 3, 4);
  }
}
