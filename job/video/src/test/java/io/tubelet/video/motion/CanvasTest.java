package io.tubelet.video.motion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tubelet.video.motion.Canvas.Shape;
import io.tubelet.video.motion.Motion.Pose;
import org.junit.jupiter.api.Test;

class CanvasTest {
  private static final int SIDE = 8;
  private static final int[] COLOUR = {100, 200, 40};

  /** Red values of a black canvas on which a rectangle was filled. */
  private static int[] red(double left, double top, double right, double bottom) {
    int[] values = new int[SIDE * SIDE * 3];
    double[] columns = {left, right, right, left};
    double[] rows = {top, top, bottom, bottom};
    new Canvas(SIDE, values).fill(new Shape(columns, rows, COLOUR));
    int[] red = new int[SIDE * SIDE];
    for (int i = 0; i < red.length; i++) {
      red[i] = values[3 * i];
      assertThat(values[3 * i + 1]).isEqualTo(2 * red[i]);
    }
    return red;
  }

  private static int[] expected(int... rowColumnValue) {
    int[] red = new int[SIDE * SIDE];
    for (int i = 0; i < rowColumnValue.length; i += 3) {
      red[rowColumnValue[i] * SIDE + rowColumnValue[i + 1]] = rowColumnValue[i + 2];
    }
    return red;
  }

  @Test
  void fillsWholePixels() {
    assertThat(red(2, 3, 4, 4)).isEqualTo(expected(3, 2, 100, 3, 3, 100));
  }

  @Test
  void fillsAPartOfAPixelByItsShare() {
    assertThat(red(2.25, 3, 4.5, 4)).isEqualTo(expected(3, 2, 75, 3, 3, 100, 3, 4, 50));
    assertThat(red(2, 3.5, 3, 4.25)).isEqualTo(expected(3, 2, 50, 4, 2, 25));
  }

  @Test
  void comesInAtTheOppositeEdge() {
    assertThat(red(-1, 3, 1, 4)).isEqualTo(expected(3, 7, 100, 3, 0, 100));
    assertThat(red(2, 7, 3, 9)).isEqualTo(expected(7, 2, 100, 0, 2, 100));
    assertThat(red(18, 3, 19, 4)).isEqualTo(expected(3, 2, 100));
  }

  @Test
  void turnsClockwise() {
    Shape point = new Shape(new double[] {1}, new double[] {0}, COLOUR);

    Shape below = point.placed(new Pose(0.5, 0.5, Math.PI / 2, 0), 0.25, SIDE);

    assertThat(below.x()[0]).isCloseTo(4, within(1e-12));
    assertThat(below.y()[0]).isCloseTo(6, within(1e-12)); // rows count downwards
  }
}
