package io.tubelet.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tubelet.augment.Crop.Box;
import io.tubelet.augment.Mixup.Samples;
import io.tubelet.clip.Frames;
import io.tubelet.clip.SampleSeed;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class MixupTest {
  private static Frames constant(int value) {
    byte[] bytes = new byte[2 * 4 * 4 * 3];
    Arrays.fill(bytes, (byte) value);
    return new Frames(2, 4, 4, bytes);
  }

  /** Three samples of constant colour, one class each. */
  private static Samples samples() {
    return new Samples(
        List.of(constant(0), constant(100), constant(250)),
        new float[] {1, 0, 0, 0, 1, 0, 0, 0, 1});
  }

  private static int value(Samples samples, int sample, int time, int row, int column) {
    Frames frames = samples.frames().get(sample);
    return frames.bytes()[frames.offset(time, row, column)] & 0xFF;
  }

  @Test
  void mixesPixelsAndTargetsOfASampleAndItsMirror() {
    Samples mixed = Mixup.mix(samples(), 0.7);
    assertThat(value(mixed, 0, 1, 3, 3)).isEqualTo(75); // 0.7 · 0 + 0.3 · 250
    assertThat(value(mixed, 1, 0, 0, 0)).isEqualTo(100); // its own mirror
    assertThat(value(mixed, 2, 0, 0, 0)).isEqualTo(175);
    assertThat(mixed.targets())
        .containsExactly(new float[] {0.7f, 0, 0.3f, 0, 1, 0, 0.3f, 0, 0.7f}, within(1e-6f));
  }

  @Test
  void pastesABoxOfTheMirrorIntoEveryFrame() {
    Samples mixed = Mixup.paste(samples(), new Box(1, 2, 3, 2));
    for (int time = 0; time < 2; time++) {
      assertThat(value(mixed, 0, time, 1, 2)).isEqualTo(250);
      assertThat(value(mixed, 0, time, 3, 3)).isEqualTo(250);
      assertThat(value(mixed, 0, time, 0, 2)).isZero();
      assertThat(value(mixed, 2, time, 1, 2)).isZero();
      assertThat(value(mixed, 2, time, 1, 1)).isEqualTo(250);
    }
    // 6 of 16 pixels
    assertThat(mixed.targets())
        .containsExactly(
            new float[] {0.625f, 0, 0.375f, 0, 1, 0, 0.375f, 0, 0.625f}, within(1e-6f));
  }

  @Test
  void drawsBothKindsAndKeepsTargetsDistributions() {
    Mixup published = new Mixup(0.8, 1, 1, 0.5);
    int mixups = 0;
    double share = 0;
    for (int batch = 0; batch < 2000; batch++) {
      Samples mixed = published.apply(samples(), SampleSeed.of(1, 0, "clip" + batch, "mix"));
      float[] targets = mixed.targets();
      assertThat(targets[0] + targets[1] + targets[2]).isCloseTo(1, within(1e-6f));
      // where neither pixel is the sample's own nor its mirror's, it is no CutMix
      int one = value(mixed, 0, 0, 0, 0);
      int other = value(mixed, 0, 0, 3, 3);
      mixups += one == other && one != 0 && one != 250 ? 1 : 0;
      share += targets[0] / 2000.0;
    }
    assertThat(mixups).isBetween(850, 1050); // some mixups are too slight to see
    assertThat(share).isBetween(0.6, 0.75); // whole pixels, and a box cut to the frame
  }

  @Test
  void drawsFromTheBetaDistribution() {
    // variance of Beta(a, a) is 1 / (4 (2a + 1))
    for (double alpha : new double[] {0.2, 0.8, 1, 4}) {
      var random = SampleSeed.of(1, 0, "beta");
      double sum = 0;
      double squares = 0;
      int count = 20_000;
      for (int i = 0; i < count; i++) {
        double share = Beta.symmetric(alpha, random);
        sum += share;
        squares += share * share;
      }
      double mean = sum / count;
      assertThat(mean).isCloseTo(0.5, within(0.01));
      assertThat(squares / count - mean * mean).isCloseTo(1 / (4 * (2 * alpha + 1)), within(0.005));
    }
  }

  @Test
  void leavesTheBatchAloneWhenOffOrNotDrawn() {
    Samples samples = samples();
    var random = SampleSeed.of(1, 0, "mix");
    assertThat(Mixup.NONE.apply(samples, random)).isSameAs(samples);
    assertThat(new Mixup(0.8, 1, 0, 0.5).apply(samples, random)).isSameAs(samples);
  }

  @Test
  void isTheSameBatchForTheSameNames() {
    Samples batch =
        new Samples(
            List.of(Picture.bands(1, 8, 8), Picture.bands(1, 8, 8)), new float[] {1, 0, 0, 1});
    Samples once = new Mixup(0, 1, 1, 0.5).apply(batch, SampleSeed.of(1, 0, "a", "mix"));
    Samples again = new Mixup(0, 1, 1, 0.5).apply(batch, SampleSeed.of(1, 0, "a", "mix"));
    assertThat(once.frames()).isEqualTo(again.frames());
    assertThat(once.targets()).isEqualTo(again.targets());
  }
}
