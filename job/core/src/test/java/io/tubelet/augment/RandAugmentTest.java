package io.tubelet.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tubelet.augment.RandAugment.Operation;
import io.tubelet.clip.Frames;
import io.tubelet.clip.SampleSeed;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

  private static final Frames CLIP = Picture.bands(2, 23, 31);

  @ParameterizedTest
  @CsvSource({
    "AUTO_CONTRAST, false, 25e81b78",
    "EQUALIZE, false, 74d7b33e",
    "INVERT, false, 6dbabf3b",
    "POSTERIZE, false, beb75505",
    "SOLARIZE, false, 2e55d7a7",
    "SOLARIZE_ADD, false, 0c313cdf",
    "COLOR, false, d39de01b",
    "COLOR, true, 15bdda75",
    "CONTRAST, false, 9ddbd854",
    "CONTRAST, true, 769b5b24",
    "BRIGHTNESS, false, 911c3d57",
    "BRIGHTNESS, true, 0784b6e4",
    "SHARPNESS, false, fcc13786",
    "SHARPNESS, true, 152cf5d9",
  })
  void givesPilsBytesAtLevelSeven(Operation operation, boolean negative, String crc) {
    assertThat(Picture.crc(operation.apply(CLIP, 7, negative))).isEqualTo(crc);
  }

  /** Weights of 11 bits against PIL's doubles: at most 19 of the 4278 values are off by one. */
  @ParameterizedTest
  @CsvSource({
    "ROTATE, 514112, 13a5d44f",
    "SHEAR_X, 519691, 27db066e",
    "SHEAR_Y, 513944, 2dd6e0b3",
    "TRANSLATE_X, 553279, 634d8b70",
    "TRANSLATE_Y, 538700, 345d5ef2",
  })
  void movesPixelsAsPilDoes(Operation operation, long sum, String crc) {
    Frames moved = operation.apply(CLIP, 7, false);
    assertThat(Picture.crc(moved)).isEqualTo(crc);
    assertThat(Picture.sum(moved)).isCloseTo(sum, within(19L));
  }

  @Test
  void leavesGreyWhereThePictureMovedAway() {
    // 0.45 of 20 columns: the picture moves 9 to the left
    Frames frames = Picture.bands(1, 4, 20);
    Frames moved = Operation.TRANSLATE_X.apply(frames, 10, false);
    assertThat(moved.bytes()[moved.offset(0, 2, 0)])
        .isEqualTo(frames.bytes()[frames.offset(0, 2, 9)]);
    assertThat(moved.bytes()[moved.offset(0, 2, 10)])
        .isEqualTo(frames.bytes()[frames.offset(0, 2, 19)]);
    assertThat(moved.bytes()[moved.offset(0, 2, 11)]).isEqualTo((byte) 128);
  }

  @ParameterizedTest
  @CsvSource({"ROTATE", "SHEAR_X", "SHEAR_Y", "TRANSLATE_X", "COLOR", "BRIGHTNESS", "SOLARIZE"})
  void doesNothingAtLevelZero(Operation operation) {
    assertThat(operation.apply(CLIP, 0, false)).isEqualTo(CLIP);
  }

  @Test
  void keepsFewerBitsTheHigherTheLevel() {
    Frames white = new Frames(1, 1, 1, new byte[] {-1, -1, -1});
    assertThat(Operation.POSTERIZE.apply(white, 0, false).bytes()[0] & 0xFF).isEqualTo(0xF0);
    assertThat(Operation.POSTERIZE.apply(white, 7, false).bytes()[0] & 0xFF).isEqualTo(0xC0);
    assertThat(Operation.POSTERIZE.apply(white, 10, false).bytes()[0] & 0xFF).isZero();
  }
}
