package io.tubelet.video.motion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tubelet.clip.SampleSeed;
import io.tubelet.video.motion.Motion.Pose;
import io.tubelet.video.motion.MotionSet.Level;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MotionTest {
  private static final Pose START = new Pose(0.25, 0.5, 1, 0.75);
  private static final Motion RATES = new Motion(0.02, 0.1, 0.03, 0.1, 8, 0.5);
  private static final int LAST = 31;

  private static double[] coordinates(Pose pose) {
    return new double[] {pose.x(), pose.y(), pose.angle() / (2 * Math.PI), pose.scale()};
  }

  /** Equal up to whole turns round the torus, the circle and the range of sizes. */
  private static void assertSame(Pose one, Pose other) {
    for (int i = 0; i < 4; i++) {
      double turns = coordinates(one)[i] - coordinates(other)[i];
      assertThat(turns - Math.rint(turns)).as("coordinate %d", i).isCloseTo(0, within(1e-9));
    }
  }

  @ParameterizedTest
  @EnumSource
  void startsWhereTheFigureIs(MotionClass motion) {
    assertSame(RATES.at(motion, START, 0), START);
  }

  @Test
  void movesOneCoordinateByItsRate() {
    assertSame(RATES.at(MotionClass.STATIC, START, 5), START);
    assertSame(RATES.at(MotionClass.LEFT, START, 5), new Pose(0.15, 0.5, 1, 0.75));
    assertSame(RATES.at(MotionClass.RIGHT, START, 5), new Pose(0.35, 0.5, 1, 0.75));
    assertSame(RATES.at(MotionClass.UP, START, 5), new Pose(0.25, 0.4, 1, 0.75));
    assertSame(RATES.at(MotionClass.DOWN, START, 5), new Pose(0.25, 0.6, 1, 0.75));
    assertSame(RATES.at(MotionClass.ROTATE_CW, START, 5), new Pose(0.25, 0.5, 1.5, 0.75));
    assertSame(RATES.at(MotionClass.ROTATE_CCW, START, 5), new Pose(0.25, 0.5, 0.5, 0.75));
    assertSame(RATES.at(MotionClass.GROW, START, 5), new Pose(0.25, 0.5, 1, 0.9));
    assertSame(RATES.at(MotionClass.SHRINK, START, 5), new Pose(0.25, 0.5, 1, 0.6));
  }

  @Test
  void shakesToAndFroInItsPeriod() {
    Motion level = new Motion(0, 0, 0, 0.1, 8, 0);

    assertSame(level.at(MotionClass.SHAKE, START, 2), new Pose(0.35, 0.5, 1, 0.75));
    assertSame(level.at(MotionClass.SHAKE, START, 6), new Pose(0.15, 0.5, 1, 0.75));
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
      case GROW -> MotionClass.SHRINK;
      case SHRINK -> MotionClass.GROW;
    };
  }

  @ParameterizedTest
  @EnumSource
  void isRunBackwardsTheReversedClass(MotionClass motion) {
    // a shake run backwards is the shake of another phase: sin(a - b) = sin(pi - a + b)
    double phase = Math.PI - RATES.phase() - 2 * Math.PI * LAST / RATES.period();
    Motion backwards = new Motion(0.02, 0.1, 0.03, 0.1, 8, phase);
    Pose end = RATES.at(motion, START, LAST);
    for (int time = 0; time <= LAST; time++) {
      assertSame(backwards.at(reversed(motion), end, time), RATES.at(motion, START, LAST - time));
    }
  }

  @ParameterizedTest
  @EnumSource
  void leavesTheLawOfAFrameUniformAtEveryTime(MotionClass motion) {
    int[][] seen = new int[4][5];
    for (int i = 0; i < 2_000; i++) {
      Pose start = Pose.drawn(SampleSeed.of(1, i, "start"));
      Motion rates = Motion.drawn(SampleSeed.of(1, i, "rates"), Level.DEFAULT);
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
  void drawsRatesOfTheStatedRangeAndHalvesThemWhenHard() {
    for (int i = 0; i < 500; i++) {
      Motion rates = Motion.drawn(SampleSeed.of(2, i, "rates"), Level.DEFAULT);
      Motion hard = Motion.drawn(SampleSeed.of(2, i, "rates"), Level.HARD);

      assertThat(rates.shift() * 64).isBetween(0.8, 2.4);
      assertThat(rates.turn()).isBetween(0.08, 0.22);
      assertThat(rates.growth()).isBetween(0.022, 0.05);
      assertThat(rates.swing() * 64).isBetween(4.0, 9.0);
      assertThat(rates.period()).isBetween(8.0, 14.0);
      assertThat(hard.shift()).isEqualTo(rates.shift() / 2);
      assertThat(hard.swing()).isEqualTo(rates.swing() / 2);
    }
  }

  @Test
  void wrapsTheSizeFromTheLargestToTheSmallest() {
    assertThat(new Pose(0, 0, 0, 0).radius()).isCloseTo(0.10, within(1e-12));
    assertThat(new Pose(0, 0, 0, 0.5).radius()).isCloseTo(Math.sqrt(0.026), within(1e-12));
    assertThat(new Pose(0, 0, 0, -0.001).radius()).isCloseTo(0.26, within(1e-3));
  }
}
