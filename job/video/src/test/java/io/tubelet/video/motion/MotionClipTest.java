package io.tubelet.video.motion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.tubelet.clip.Frames;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MotionClipTest {
  private static final MotionSet.Spec SPEC = new MotionSet.Spec(42, 32, 8);

  private static byte[] frame(Frames frames, int time) {
    int size = frames.offset(1, 0, 0);
    return Arrays.copyOfRange(frames.bytes(), time * size, (time + 1) * size);
  }

  @Test
  void hasTheSameFirstFrameInAllTenClasses() {
    for (int index = 0; index < 20; index++) {
      Frames still = MotionClip.render(SPEC, "train", index, MotionClass.STATIC);
      for (MotionClass motion : MotionClass.values()) {
        Frames moving = MotionClip.render(SPEC, "train", index, motion);
        assertThat(frame(moving, 0)).isEqualTo(frame(still, 0));
        if (motion != MotionClass.STATIC) {
          assertThat(frame(moving, 5)).isNotEqualTo(frame(still, 5));
        }
      }
    }
  }

  @Test
  void isAFunctionOfSeedSplitAndIndex() {
    Frames clip = MotionClip.render(SPEC, "train", 3, MotionClass.ZOOM_IN);
    MotionSet.Spec reseeded = new MotionSet.Spec(43, 32, 8);

    assertThat(MotionClip.render(SPEC, "train", 3, MotionClass.ZOOM_IN)).isEqualTo(clip);
    assertThat(MotionClip.render(SPEC, "test", 3, MotionClass.ZOOM_IN)).isNotEqualTo(clip);
    assertThat(MotionClip.render(SPEC, "train", 4, MotionClass.ZOOM_IN)).isNotEqualTo(clip);
    assertThat(MotionClip.render(reseeded, "train", 3, MotionClass.ZOOM_IN)).isNotEqualTo(clip);
  }

  @Test
  void isTheSameOnEveryPlatform() throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    for (MotionClass motion : MotionClass.values()) {
      MotionSet.Spec spec = new MotionSet.Spec(1, 48, 16);
      digest.update(MotionClip.render(spec, "train", 7, motion).bytes());
    }

    assertThat(HexFormat.of().formatHex(digest.digest()))
        .isEqualTo("c4788b516a9620f8577c1bfe140615b6167780532252740b8b2c66995fddadfb");
  }

  /** A spot to the right of the middle goes right (+) and down (+) within this many frames. */
  @ParameterizedTest
  @CsvSource({
    "STATIC, 0, 0, 5",
    "LEFT, -1, 0, 5",
    "RIGHT, 1, 0, 5",
    "UP, 0, -1, 5",
    "DOWN, 0, 1, 5",
    "ROTATE_CW, 0, 1, 5",
    "ROTATE_CCW, 0, -1, 5",
    "ZOOM_IN, 1, 0, 13",
    "ZOOM_OUT, -1, 0, 13"
  })
  void showsThePictureGoingWhereItsClassSays(MotionClass motion, int right, int down, int time) {
    int agreeing = 0;
    for (int index = 0; index < 20; index++) {
      MotionSet.Spec spec = new MotionSet.Spec(42, 48, time);
      Frames frames = MotionClip.render(spec, "train", index, motion);
      int[] step = step(frames);
      boolean across = (right == 0 && down != 0) || Integer.signum(step[0]) == right;
      boolean along = (down == 0 && right != 0) || Integer.signum(step[1]) == down;
      agreeing += across && along ? 1 : 0;
    }
    assertThat(agreeing).isGreaterThanOrEqualTo(14); // zooms may wrap, spots may look alike
  }

  /** Columns and rows by which a spot of the first frame is found again in the last one. */
  private static int[] step(Frames frames) {
    int[] best = new int[2];
    long least = Long.MAX_VALUE;
    for (int down = -8; down <= 8; down++) {
      for (int right = -8; right <= 8; right++) {
        long difference = 0;
        for (int row = 20; row < 28; row++) {
          for (int column = 34; column < 40; column++) {
            difference += difference(frames, row, column, row + down, column + right);
          }
        }
        if (difference < least) {
          least = difference;
          best = new int[] {right, down};
        }
      }
    }
    return best;
  }

  private static int difference(Frames frames, int row, int column, int newRow, int newColumn) {
    int from = frames.offset(0, row, column);
    int to = frames.offset(frames.time() - 1, newRow, newColumn);
    int difference = 0;
    for (int c = 0; c < 3; c++) {
      difference += Math.abs((frames.bytes()[from + c] & 0xFF) - (frames.bytes()[to + c] & 0xFF));
    }
    return difference;
  }

  @Test
  void refusesSizesThatNoFileCanHold() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new MotionSet.Spec(1, 33, 8))
        .withMessageContaining("33");
    assertThatIllegalArgumentException().isThrownBy(() -> new MotionSet.Spec(1, 32, 0));
  }
}
