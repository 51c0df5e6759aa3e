package io.tubelet.report.chart;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ThinningTest {
  @Test
  void keepsTheLowestAndTheHighestOfEachColumn() {
    List<Point> points =
        List.of(
            new Point(0, 5),
            new Point(1, 9),
            new Point(2, 1),
            new Point(3, 4), // column 0
            new Point(4, 2),
            new Point(5, 3),
            new Point(6, 2.5),
            new Point(8, 7)); // column 1

    assertThat(Thinning.perColumn(points, 2))
        .containsExactly(new Point(1, 9), new Point(2, 1), new Point(4, 2), new Point(8, 7));
  }

  @Test
  void leavesTwoPointsPerColumnOfALongCurveAndItsSpikeAmongThem() {
    List<Point> points =
        IntStream.range(0, 10_000)
            .mapToObj(i -> new Point(i, i == 5_001 ? 100 : Math.sin(i)))
            .toList();

    List<Point> thinned = Thinning.perColumn(points, 286);

    assertThat(thinned).hasSize(2 * 286).contains(new Point(5_001, 100)).isSubsetOf(points);
    assertThat(thinned).isSortedAccordingTo((a, b) -> Double.compare(a.x(), b.x()));
  }

  @Test
  void leavesAShortCurveAsItIs() {
    List<Point> points = List.of(new Point(0, 1), new Point(1, 2), new Point(2, 1));

    assertThat(Thinning.perColumn(points, 2)).isEqualTo(points);
  }

  @Test
  void keepsOnePointOfAColumnWhereAllAreEqual() {
    List<Point> points = IntStream.range(0, 10).mapToObj(i -> new Point(i, 3)).toList();

    assertThat(Thinning.perColumn(points, 2)).containsExactly(new Point(0, 3), new Point(5, 3));
  }
}
