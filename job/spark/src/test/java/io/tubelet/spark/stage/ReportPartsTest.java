package io.tubelet.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tubelet.report.Part.FeatureMap;
import io.tubelet.report.picture.Chart.Point;
import io.tubelet.spark.LocalSpark;
import io.tubelet.spark.evaluate.FeatureJob.Features;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ReportPartsTest {

  private static FeatureMap plane(List<Features> clips) {
    return ReportParts.plane(LocalSpark.session(), clips);
  }

  @Test
  void showsThePlaneInWhichClipsDifferMost() {
    // a rectangle of 6 x 2 in a plane of four dimensions, far from the origin
    List<Features> corners =
        IntStream.range(0, 4)
            .mapToObj(
                i -> {
                  float a = i % 2 == 0 ? -3 : 3;
                  float b = i / 2 == 0 ? -1 : 1;
                  return new Features("c" + i, "x", new float[] {9 + b, 7, 5 + a, 7});
                })
            .toList();
    FeatureMap map = plane(corners);
    assertThat(map.clips().get("x"))
        .extracting(Point::x)
        .allMatch(x -> Math.abs(Math.abs(x) - 3) < 1e-6);
    assertThat(map.clips().get("x"))
        .extracting(Point::y)
        .allMatch(y -> Math.abs(Math.abs(y) - 1) < 1e-6);
    assertThat(map.explained()).isCloseTo(1, within(1e-9));
  }

  @Test
  void knowsWhenAllClipsAreAlike() {
    Features same = new Features("a", "", new float[] {1, 2, 3});
    assertThat(plane(List.of(same, same, same)).clips().get(""))
        .allMatch(point -> point.x() == 0 && point.y() == 0);
  }

  @Test
  void leavesOutFeaturesThatAreNotFiniteAndNeedsNoClips() {
    Features lost = new Features("a", "", new float[] {1, Float.NaN, 3});
    assertThat(plane(List.of(lost, lost)).size()).isZero();
    assertThat(plane(List.of()).size()).isZero();
  }
}
