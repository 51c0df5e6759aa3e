package io.tubelet.masking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.SampleSeed;
import io.tubelet.masking.Masking.CentreSlice;
import io.tubelet.masking.Masking.FrameMasking;
import io.tubelet.masking.Masking.RandomMasking;
import io.tubelet.masking.Masking.RunningCell;
import io.tubelet.model.Task.TargetFrames;
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
  void theDecoderIsAskedForOneSharePerClipAlongThePatternThatRuns() {
    ClipGeometry grid = new ClipGeometry(8, 16, 16, 2, 4); // 4 slices of 4 x 4 tokens
    RunningCell sampler = new RunningCell(new TubeMasking(0.75), 0.5);
    assertThat(sampler.hidden(grid)).isEqualTo(48);
    for (int clip = 0; clip < 20; clip++) {
      Mask all = sampler.whole().draw(grid, random(clip));
      Mask mask = sampler.draw(grid, random(clip));
      assertThat(mask.visible()).isEqualTo(16);
      assertThat(mask.hidden()).isEqualTo(24);
      assertThat(sampler.rows(grid)).isEqualTo(40);
      assertThat(Arrays.copyOf(mask.order(), 16)).isEqualTo(Arrays.copyOf(all.order(), 16));
      assertThat(all.order()).contains(Arrays.copyOfRange(mask.order(), 16, 40));
      assertThat(bestAgreement(all, mask)).isEqualTo(24);
    }
  }

  /**
   * Tokens that one of the four phases explains. Written out for phase 0: of the places 0 1 / 2 3
   * of a cell slice 0 asks for 2 and 3, slice 1 for 3 and 0, slice 2 for 0 and 1, slice 3 for 1 and
   * 2. What is beyond the pattern counts only where the pattern is used up.
   */
  private static int bestAgreement(Mask all, Mask asked) {
    int[][] patterns = {{2, 3}, {3, 0}, {0, 1}, {1, 2}};
    int best = 0;
    for (int phase = 0; phase < 4; phase++) {
      int there = 0;
      int taken = 0;
      boolean[] wanted = hidden(asked, 64);
      for (int i = all.visible(); i < 64; i++) {
        int token = all.order()[i];
        int place = token / 4 % 4 % 2 * 2 + token % 2;
        int[] pattern = patterns[(token / 16 + phase) % 4];
        boolean inside = place == pattern[0] || place == pattern[1];
        there += inside ? 1 : 0;
        taken += inside && wanted[token] ? 1 : 0;
      }
      best = Math.max(best, taken + (taken == there ? 24 - there : 0));
    }
    return best;
  }

  private static boolean[] hidden(Mask mask, int tokens) {
    boolean[] hidden = new boolean[tokens];
    for (int i = mask.visible(); i < mask.order().length; i++) {
      hidden[mask.order()[i]] = true;
    }
    return hidden;
  }

  @Test
  void theMiddleFrameIsInOneSlice() {
    ClipGeometry grid = new ClipGeometry(8, 8, 8, 2, 4); // frame 4 is the first of slice 2
    Mask mask = new CentreSlice(new TubeMasking(0.5)).draw(grid, random(0));
    assertThat(mask.visible()).isEqualTo(8);
    assertThat(mask.hidden()).isEqualTo(2);
    assertThat(new CentreSlice(new TubeMasking(0.5)).rows(grid)).isEqualTo(10);
    assertThat(Arrays.stream(mask.order()).skip(8).boxed()).allMatch(n -> n / 4 == 2);
    assertThat(TargetFrames.CENTRE.from(grid)).isZero();
    assertThat(TargetFrames.CENTRE.count(grid)).isEqualTo(4 * 4 * 3);
    assertThat(TargetFrames.CENTRE.from(new ClipGeometry(6, 8, 8, 2, 4))).isEqualTo(48);
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
