package io.tubelet.augment;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.clip.Frames;
import io.tubelet.clip.SampleSeed;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class RandAugmentTest {
  private static final RandAugment PUBLISHED = new RandAugment(4, 7, 0.5);

  private static Frames apply(RandAugment policy, Frames frames, int clip) {
    return policy.apply(frames, SampleSeed.of(1, 0, "clip" + clip, "randaugment"));
  }

  @Test
  void isTheSamePictureForTheSameNames() {
    Frames clip = Picture.bands(2, 20, 24);
    assertThat(Picture.crc(apply(PUBLISHED, clip, 3))).isEqualTo("cf2d4c7e");
    assertThat(apply(PUBLISHED, clip, 4)).isNotEqualTo(apply(PUBLISHED, clip, 3));
  }

  @Test
  void doesTheSameToEveryFrame() {
    byte[] one = Picture.bands(1, 20, 24).bytes();
    byte[] three = Arrays.copyOf(one, 3 * one.length);
    System.arraycopy(one, 0, three, one.length, one.length);
    System.arraycopy(one, 0, three, 2 * one.length, one.length);
    for (int clip = 0; clip < 50; clip++) {
      byte[] out = apply(PUBLISHED, new Frames(3, 20, 24, three), clip).bytes();
      byte[] first = Arrays.copyOf(out, one.length);
      assertThat(Arrays.copyOfRange(out, one.length, 2 * one.length)).isEqualTo(first);
      assertThat(Arrays.copyOfRange(out, 2 * one.length, out.length)).isEqualTo(first);
    }
  }

  @Test
  void leavesOutHalfOfTheOperations() {
    // each operation at its level changes this clip
    Frames clip = Picture.bands(1, 20, 24);
    int untouched = 0;
    for (int i = 0; i < 2000; i++) {
      untouched += apply(new RandAugment(1, 7, 0.5), clip, i).equals(clip) ? 1 : 0;
    }
    assertThat(untouched).isBetween(900, 1100);
    assertThat(apply(RandAugment.NONE, clip, 0)).isSameAs(clip);
  }
}
