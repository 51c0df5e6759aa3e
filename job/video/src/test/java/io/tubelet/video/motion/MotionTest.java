package io.tubelet.video.motion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tubelet.clip.SampleSeed;
import io.tubelet.video.motion.Motion.View;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MotionTest {
  private static final View START = new View(0.25, 0.5, 0, 0.75);
  private static final Motion RATES = new Motion(0.02, 0.1, 0.03, 0.1, 8, 0.5);
  private static final int LAST = 31;

  private static double[] coordinates(View pose) {
    return new double[] {pose.x(), pose.y(), pose.angle() / (2 * Math.PI), pose.scale()};
  }

  /** Equal up to whole turns round the torus, the circle and the range of sizes. */
  private static void assertSame(View one, View other) {
    for (int i = 0; i < 4; i++) {
      double turns = coordinates(one)[i] - coordinates(other)[i];
      assertThat(turns - Math.rint(turns)).as("coordinate %d", i).isCloseTo(0, within(1e-9));
    }
  }

  @ParameterizedTest
  @EnumSource
  void startsWhereTheCameraIs(MotionClass motion) {
    assertSame(RATES.at(motion, START, 0), START);
  }

  @Test
  void movesOneCoordinateByItsRate() {
    assertSame(RATES.at(MotionClass.STATIC, START, 5), START);
    assertSame(RATES.at(MotionClass.LEFT, START, 5), new View(0.35, 0.5, 0, 0.75));
    assertSame(RATES.at(MotionClass.RIGHT, START, 5), new View(0.15, 0.5, 0, 0.75));
    assertSame(RATES.at(MotionClass.UP, START, 5), new View(0.25, 0.6, 0, 0.75));
    assertSame(RATES.at(MotionClass.DOWN, START, 5), new View(0.25, 0.4, 0, 0.75));
    assertSame(RATES.at(MotionClass.ROTATE_CW, START, 5), new View(0.25, 0.5, -0.5, 0.75));
    assertSame(RATES.at(MotionClass.ROTATE_CCW, START, 5), new View(0.25, 0.5, 0.5, 0.75));
    assertSame(RATES.at(MotionClass.ZOOM_IN, START, 5), new View(0.25, 0.5, 0, 0.6));
    assertSame(RATES.at(MotionClass.ZOOM_OUT, START, 5), new View(0.25, 0.5, 0, 0.9));
  }

  @Test
  void movesAlongThePicturesOwnRows() {
    View turned = new View(0.25, 0.5, Math.PI / 2, 0.75); // its right is the scene's down

    assertSame(RATES.at(MotionClass.LEFT, turned, 5), new View(0.25, 0.6, Math.PI / 2, 0.75));
    assertSame(RATES.at(MotionClass.UP, turned, 5), new View(0.15, 0.5, Math.PI / 2, 0.75));
  }

  @Test
  void shakesToAndFroInItsPeriod() {
    Motion level = new Motion(0, 0, 0, 0.1, 8, 0);

    assertSame(level.at(MotionClass.SHAKE, START, 2), new View(0.35, 0.5, 0, 0.75));
    assertSame(level.at(MotionClass.SHAKE, START, 6), new View(0.15, 0.5, 0, 0.75));
    assertSame(level.at(MotionClass.SHAKE, START, 8), START);
  }

  /** The class of the same clip run backwards. */
  private static MotionClass reversed(MotionClass motion) {
    return switch (motion) {
      case STATIC, SHAKE -> motion;
      case LEFT -> MotionClass.RIGHT;
      case RIGHT -> MotionClass.LEFT;
      case UP -> MotionClass.DOWN;
      case DOWN -> MotionClass.UP;
      case ROTATE_CW -> MotionClass.ROTATE_CCW;
      case ROTATE_CCW -> MotionClass.ROTATE_CW;
      case ZOOM_IN -> MotionClass.ZOOM_OUT;
      case ZOOM_OUT -> MotionClass.ZOOM_IN;
    };
  }

  @ParameterizedTest
  @EnumSource
  void isRunBackwardsTheReversedClass(MotionClass motion) {
    // a shake run backwards is the shake of another phase: sin(a - b) = sin(pi - a + b)
    double phase = Math.PI - RATES.phase() - 2 * Math.PI * LAST / RATES.period();
    Motion backwards = new Motion(0.02, 0.1, 0.03, 0.1, 8, phase);
    View end = RATES.at(motion, START, LAST);
    for (int time = 0; time <= LAST; time++) {
      assertSame(backwards.at(reversed(motion), end, time), RATES.at(motion, START, LAST - time));
    }
  }

  @ParameterizedTest
  @EnumSource
  void leavesTheLawOfAFrameUniformAtEveryTime(MotionClass motion) {
    int[][] seen = new int[4][5];
    for (int i = 0; i < 2_000; i++) {
      View start = View.drawn(SampleSeed.of(1, i, "start"));
      Motion rates = Motion.drawn(SampleSeed.of(1, i, "rates"), 1);
      double[] at = coordinates(rates.at(motion, start, 17));
      for (int c = 0; c < 4; c++) {
        seen[c][(int) (5 * (at[c] - Math.floor(at[c])))]++;
      }
    }
    for (int[] fifths : seen) {
      for (int count : fifths) {
        assertThat(count).isBetween(328, 472); // 400, 4 sigma
      }
    }
  }

  @Test
  void drawsRatesOfTheStatedRange() {
    for (int i = 0; i < 500; i++) {
      Motion rates = Motion.drawn(SampleSeed.of(2, i, "rates"), 1);

      assertThat(rates.shift() * 256).isBetween(1.0, 3.0);
      assertThat(rates.turn()).isBetween(0.03, 0.08);
      assertThat(rates.growth()).isBetween(0.008, 0.016);
      assertThat(rates.swing() * 48).isBetween(1.0, 2.0);
      assertThat(rates.period()).isBetween(8.0, 14.0);
    }
  }

  @Test
  void wrapsFromTheLargestSectionToTheSmallest() {
    assertThat(new View(0, 0, 0, 0).step()).isCloseTo(0.7, within(1e-12));
    assertThat(new View(0, 0, 0, 0.5).step()).isCloseTo(Math.sqrt(0.7 * 1.6), within(1e-12));
    assertThat(new View(0, 0, 0, -0.001).step()).isCloseTo(1.6, within(2e-3));
  }
}
