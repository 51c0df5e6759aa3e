package io.tubelet.masking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tubelet.clip.SampleSeed;
import io.tubelet.geometry.ClipGeometry;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MaskingTest {
  private static final ClipGeometry PUBLISHED = new ClipGeometry(16, 224, 224, 2, 16);

  private static RandomGenerator random(int clip) {
    return SampleSeed.of(1, 0, "clip" + clip, "mask");
  }

  private static boolean[] hidden(Mask mask) {
    boolean[] hidden = new boolean[mask.order().length];
    for (int i = mask.visible(); i < hidden.length; i++) {
      hidden[mask.order()[i]] = true;
    }
    return hidden;
  }

  @ParameterizedTest
  @CsvSource({"0.5,784", "0.75,1176", "0.9,1408", "0.95,1488"})
  void hidesThePublishedNumberOfTokens(double ratio, int hidden) {
    Masking tube = new TubeMasking(ratio);
    assertThat(tube.hidden(PUBLISHED)).isEqualTo(hidden);
    assertThat(tube.draw(PUBLISHED, random(0)).hidden()).isEqualTo(hidden);
  }

  @Test
  void hidesTheSameTubeInEverySlice() {
    boolean[] hidden = hidden(new TubeMasking(0.9).draw(PUBLISHED, random(0)));
    boolean[] first = Arrays.copyOf(hidden, 196);
    for (int t = 1; t < 8; t++) {
      assertThat(Arrays.copyOfRange(hidden, t * 196, (t + 1) * 196)).isEqualTo(first);
    }
  }

  @Test
  void randomMasksDifferFromSliceToSliceAndCountExactly() {
    Mask mask = new RandomMasking(0.9).draw(PUBLISHED, random(0));
    assertThat(mask.hidden()).isEqualTo(1411);
    boolean[] hidden = hidden(mask);
    assertThat(Arrays.copyOf(hidden, 196)).isNotEqualTo(Arrays.copyOfRange(hidden, 196, 392));
  }

  @Test
  void frameMasksHideWholeSlices() {
    Mask mask = new FrameMasking(0.9).draw(PUBLISHED, random(0));
    assertThat(mask.hidden()).isEqualTo(7 * 196);
    assertThat(mask.order()[1] - mask.order()[0]).isEqualTo(1);
    assertThat(mask.order()[0] % 196).isZero();
  }

  @Test
  void hidesEveryPlaceEquallyOften() {
    int[] counts = new int[196];
    for (int clip = 0; clip < 2000; clip++) {
      boolean[] hidden = hidden(new TubeMasking(0.5).draw(PUBLISHED, random(clip)));
      for (int n = 0; n < 196; n++) {
        counts[n] += hidden[n] ? 1 : 0;
      }
    }
    // five standard deviations of a fair coin thrown 2,000 times
    for (int count : counts) {
      assertThat((double) count).isCloseTo(1000, within(5 * Math.sqrt(500)));
    }
  }

  @Test
  void ordersVisibleThenHiddenEachAscending() {
    Mask mask = Mask.of(new boolean[] {true, false, true, false});
    assertThat(mask.order()).containsExactly(1, 3, 0, 2);
    assertThat(mask.visible()).isEqualTo(2);
  }

  @Test
  void refusesToHideNothingOrEverything() {
    ClipGeometry four = new ClipGeometry(2, 8, 8, 2, 4);
    assertThatThrownBy(() -> new TubeMasking(0.2).draw(four, random(0)))
        .hasMessageContaining("0.2")
        .hasMessageContaining("hides 0");
    assertThatThrownBy(() -> new FrameMasking(0.9).hidden(four)).hasMessageContaining("1 places");
    assertThatThrownBy(() -> new TubeMasking(1).hidden(four)).hasMessageContaining("hides 4");
  }
}
