package io.tubelet.video.motion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.tubelet.clip.Frames;
import io.tubelet.video.motion.MotionSet.Level;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class MotionClipTest {
  private static MotionSet.Spec spec(Level level) {
    return new MotionSet.Spec(42, 32, 8, level);
  }

  private static byte[] frame(Frames frames, int time) {
    int size = frames.offset(1, 0, 0);
    return Arrays.copyOfRange(frames.bytes(), time * size, (time + 1) * size);
  }

  @ParameterizedTest
  @EnumSource
  void hasTheSameFirstFrameInAllTenClasses(Level level) {
    for (int index = 0; index < 20; index++) {
      Frames still = MotionClip.render(spec(level), "train", index, MotionClass.STATIC);
      for (MotionClass motion : MotionClass.values()) {
        Frames moving = MotionClip.render(spec(level), "train", index, motion);
        assertThat(frame(moving, 0)).isEqualTo(frame(still, 0));
        if (motion != MotionClass.STATIC) {
          assertThat(frame(moving, 5)).isNotEqualTo(frame(still, 5));
        }
      }
    }
  }

  @Test
  void isAFunctionOfSeedSplitAndIndex() {
    Frames clip = MotionClip.render(spec(Level.DEFAULT), "train", 3, MotionClass.GROW);
    MotionSet.Spec reseeded = new MotionSet.Spec(43, 32, 8, Level.DEFAULT);

    assertThat(MotionClip.render(spec(Level.DEFAULT), "train", 3, MotionClass.GROW))
        .isEqualTo(clip);
    assertThat(MotionClip.render(spec(Level.DEFAULT), "test", 3, MotionClass.GROW))
        .isNotEqualTo(clip);
    assertThat(MotionClip.render(spec(Level.DEFAULT), "train", 4, MotionClass.GROW))
        .isNotEqualTo(clip);
    assertThat(MotionClip.render(reseeded, "train", 3, MotionClass.GROW)).isNotEqualTo(clip);
  }

  @ParameterizedTest
  @CsvSource({
    "EASY, e2714681641fd6611eec557320343dbe5525024fe43d1c1925d0820cc03495cf",
    "DEFAULT, a0dd9e8c2081bedb1a66ad471d886c19f4086fed40c7f90431a0c787d88bbe54",
    "HARD, 899f51b768908a11a29f9b6e174049eb59fa61e08cd3f13cd58a281ad84db822"
  })
  void isTheSameOnEveryPlatform(Level level, String golden) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    for (MotionClass motion : MotionClass.values()) {
      MotionSet.Spec spec = new MotionSet.Spec(1, 48, 16, level);
      digest.update(MotionClip.render(spec, "train", 7, motion).bytes());
    }

    assertThat(HexFormat.of().formatHex(digest.digest())).isEqualTo(golden);
  }

  @Test
  void showsTheFigureGoingWhereItsClassSays() {
    for (int index = 0; index < 20; index++) {
      for (int time = 0; time < 7; time++) {
        assertThat(step(MotionClass.LEFT, index, time)[0]).isNegative();
        assertThat(step(MotionClass.RIGHT, index, time)[0]).isPositive();
        assertThat(step(MotionClass.UP, index, time)[1]).isNegative();
        assertThat(step(MotionClass.DOWN, index, time)[1]).isPositive();
        assertThat(step(MotionClass.LEFT, index, time)[1]).isBetween(-0.1, 0.1);
        assertThat(step(MotionClass.STATIC, index, time)[0]).isBetween(-0.1, 0.1);
      }
    }
  }

  /** Columns and rows that the middle of an easy clip's figure moves from one frame to the next. */
  private static double[] step(MotionClass motion, int index, int time) {
    Frames frames = MotionClip.render(spec(Level.EASY), "train", index, motion);
    double[] from = middle(frames, time);
    double[] to = middle(frames, time + 1);
    double[] step = new double[2];
    for (int i = 0; i < 2; i++) {
      double turns = to[i] - from[i];
      step[i] = (turns - Math.rint(turns)) * frames.width();
    }
    return step;
  }

  /** Column and row, in sides, of the mean direction on the torus of what is not background. */
  private static double[] middle(Frames frames, int time) {
    double[] sums = new double[4];
    int[] ground = background(frames, time);
    for (int row = 0; row < frames.height(); row++) {
      for (int column = 0; column < frames.width(); column++) {
        double weight = difference(frames, frames.offset(time, row, column), ground);
        double x = 2 * Math.PI * column / frames.width();
        double y = 2 * Math.PI * row / frames.height();
        sums[0] += weight * Math.cos(x);
        sums[1] += weight * Math.sin(x);
        sums[2] += weight * Math.cos(y);
        sums[3] += weight * Math.sin(y);
      }
    }
    return new double[] {
      Math.atan2(sums[1], sums[0]) / (2 * Math.PI), Math.atan2(sums[3], sums[2]) / (2 * Math.PI)
    };
  }

  /** The median of each channel: an easy background is plain and larger than the figure. */
  private static int[] background(Frames frames, int time) {
    byte[] frame = frame(frames, time);
    int[] median = new int[3];
    for (int c = 0; c < 3; c++) {
      int[] values = new int[frame.length / 3];
      for (int i = 0; i < values.length; i++) {
        values[i] = frame[3 * i + c] & 0xFF;
      }
      Arrays.sort(values);
      median[c] = values[values.length / 2];
    }
    return median;
  }

  private static int difference(Frames frames, int at, int[] ground) {
    int difference = 0;
    for (int c = 0; c < 3; c++) {
      difference += Math.abs((frames.bytes()[at + c] & 0xFF) - ground[c]);
    }
    return difference;
  }

  @Test
  void refusesSizesThatNoFileCanHold() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new MotionSet.Spec(1, 33, 8, Level.EASY))
        .withMessageContaining("33");
    assertThatIllegalArgumentException().isThrownBy(() -> new MotionSet.Spec(1, 32, 0, Level.EASY));
  }
}
